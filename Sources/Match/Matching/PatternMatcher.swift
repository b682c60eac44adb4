// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// Names the patterns that an event matches.
///
/// A pure value; safe to use from any thread.
public struct PatternMatcher: Sendable {
  /// A condition whose path is known by its number.
  private struct Condition: Sendable {
    let path: Int
    let allowed: [ValuePattern]
    let allowsAbsence: Bool

    func allows(_ value: Literal) -> Bool { allowed.contains { $0.allows(value) } }
  }

  /// What an event must have for a pattern to be worth a closer look: at a path, a text that begins like that.
  private struct Gate: Sendable {
    /// -1 for a pattern that always has to be looked at.
    var path = -1
    var openings = OpeningBytes()

    func lets(_ fields: EventFields) -> Bool { path < 0 || openings.meets(fields.openings(at: path)) }
  }

  /// The conjunctions of each pattern; their conditions are ascending by path.
  private let patterns: [[[Condition]]]
  private let gates: [Gate]
  private let paths: PathTrie

  /// Makes a matcher for patterns that are then known by their index.
  public init(_ patterns: [EventPattern]) {
    var paths = PathTrie()
    self.patterns = patterns.map { pattern in
      pattern.conjunctions.map { conjunction in
        conjunction.conditions.map { condition in
          Condition(
            path: paths.insert(condition.path),
            allowed: condition.allowed,
            allowsAbsence: condition.allowed.contains(.absent)
          )
        }
      }
    }
    gates = self.patterns.map(Self.gate)
    self.paths = paths
  }

  private static func gate(_ pattern: [[Condition]]) -> Gate {
    guard pattern.count == 1 else { return Gate() }
    for condition in pattern[0] {
      if let openings = OpeningBytes(condition.allowed) {
        return Gate(path: condition.path, openings: openings)
      }
    }
    return Gate()
  }

  /// Looks at an event: afterwards `fields` holds what `holds` asks of it.
  ///
  /// `tape` must have scanned `text`.
  public func look(at tape: JSONTape, _ text: Span<UInt8>, into fields: inout EventFields) {
    fields.collect(tape, text, at: paths)
  }

  /// The first place at or after `start` in a list of patterns whose pattern matches; the list's end if there is none.
  ///
  /// The event is the one that was looked at, an object. A negative number in the list stands for no pattern, which
  /// every event matches.
  public func firstMatch(in list: [Int], from start: Int, for fields: EventFields) -> Int {
    for place in start..<list.count where list[place] < 0 || holds(list[place], for: fields) { return place }
    return list.count
  }

  private func holds(_ pattern: Int, for fields: EventFields) -> Bool {
    guard gates[pattern].lets(fields) else { return false }
    return patterns[pattern].contains { conjunction in
      fields.hasMemberships ? Self.holdsInArrays(conjunction, fields) : Self.holds(conjunction, fields)
    }
  }

  /// The indices of the patterns that match an event, ascending; an event that is no object matches none.
  ///
  /// `tape` must have scanned `text`.
  public func matches(_ tape: JSONTape, _ text: [UInt8]) -> [Int] {
    guard tape.kind(0) == .object else { return [] }
    var fields = EventFields()
    look(at: tape, text.span, into: &fields)
    return patterns.indices.filter { holds($0, for: fields) }
  }

  /// Without arrays of objects, conditions do not depend on each other.
  private static func holds(_ conjunction: [Condition], _ fields: EventFields) -> Bool {
    conjunction.allSatisfy { condition in
      var leaves = fields.leaves(at: condition.path)
      if leaves.isEmpty { return condition.allowsAbsence }
      while let leaf = leaves.next() {
        if condition.allows(leaf.value) { return true }
      }
      return false
    }
  }

  private typealias Membership = EventFields.Membership

  /// Whether there is a choice of one leaf for each condition that takes no two elements of one array.
  ///
  /// Follows all choices at once, as the set of different ways in which array elements have been fixed so far;
  /// an array in which no later condition has a leaf is forgotten, since it cannot matter any more.
  private static func holdsInArrays(_ conjunction: [Condition], _ fields: EventFields) -> Bool {
    let later = laterArrays(conjunction, fields)
    var choices: Set<[Membership]> = [[]]
    for (index, condition) in conjunction.enumerated() {
      let found = fields.leaves(at: condition.path)
      var next: Set<[Membership]> = []
      for choice in choices {
        if condition.allowsAbsence, !found.contains(where: { merge(choice, $0.memberships) != nil }) {
          next.insert(choice.filter { later[index].contains($0.array) })
        }
        for leaf in found where condition.allows(leaf.value) {
          guard let merged = merge(choice, leaf.memberships) else { continue }
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
    _ conjunction: [Condition],
    _ fields: EventFields
  ) -> [Set<JSONTape.Index>] {
    var arrays: Set<JSONTape.Index> = []
    var result: [Set<JSONTape.Index>] = []
    for condition in conjunction.reversed() {
      result.append(arrays)
      for leaf in fields.leaves(at: condition.path) { arrays.formUnion(leaf.memberships.lazy.map(\.array)) }
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
