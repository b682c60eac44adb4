// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// Names the patterns that an event matches.
///
/// A pure value; safe to use from any thread.
public struct PatternMatcher: Sendable {
  private let patterns: [EventPattern]
  private let paths: Set<[UInt8]>

  /// Makes a matcher for patterns that are then known by their index.
  public init(_ patterns: [EventPattern]) {
    self.patterns = patterns
    paths = Set(patterns.lazy.flatMap(\.conjunctions).flatMap(\.conditions).map(\.path))
  }

  /// The indices of the patterns that match an event, ascending; an event that is no object matches none.
  ///
  /// `tape` must have scanned `text`.
  public func matches(_ tape: JSONTape, _ text: [UInt8]) -> [Int] {
    guard tape.kind(0) == .object else { return [] }
    let fields = EventFields(tape, text, paths: paths).fields
    return patterns.indices.filter { index in
      patterns[index].conjunctions.contains { Self.holds($0, fields) }
    }
  }

  private typealias Membership = EventFields.Membership

  /// Whether there is a choice of one leaf for each condition that takes no two elements of one array.
  ///
  /// Follows all choices at once, as the set of different ways in which array elements have been fixed so far;
  /// an array in which no later condition has a leaf is forgotten, since it cannot matter any more.
  private static func holds(
    _ conjunction: EventPattern.Conjunction,
    _ fields: [[UInt8]: [EventFields.Field]]
  ) -> Bool {
    let later = laterArrays(conjunction, fields)
    var choices: Set<[Membership]> = [[]]
    for (index, condition) in conjunction.conditions.enumerated() {
      let found = fields[condition.path] ?? []
      var next: Set<[Membership]> = []
      for choice in choices {
        let isAbsent = condition.allowed.contains(.absent)
        if isAbsent, !found.contains(where: { merge(choice, $0.memberships) != nil }) {
          next.insert(choice.filter { later[index].contains($0.array) })
        }
        for field in found where condition.allowed.contains(where: { $0.allows(field.value) }) {
          guard let merged = merge(choice, field.memberships) else { continue }
          next.insert(merged.filter { later[index].contains($0.array) })
        }
      }
      if next.isEmpty { return false }
      choices = next
    }
    return true
  }

  /// For each condition the arrays in which conditions after it have leaves.
  private static func laterArrays(
    _ conjunction: EventPattern.Conjunction,
    _ fields: [[UInt8]: [EventFields.Field]]
  ) -> [Set<JSONTape.Index>] {
    var arrays: Set<JSONTape.Index> = []
    var result: [Set<JSONTape.Index>] = []
    for condition in conjunction.conditions.reversed() {
      result.append(arrays)
      for field in fields[condition.path] ?? [] { arrays.formUnion(field.memberships.lazy.map(\.array)) }
    }
    return result.reversed()
  }

  /// Both sets of fixed elements, ordered by array, or nil when they disagree.
  private static func merge(_ left: [Membership], _ right: [Membership]) -> [Membership]? {
    var merged = left
    for membership in right {
      if let known = merged.first(where: { $0.array == membership.array }) {
        if known.element != membership.element { return nil }
      } else {
        merged.append(membership)
      }
    }
    return merged.sorted { $0.array < $1.array }
  }
}
