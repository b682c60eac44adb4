// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// Names the patterns that an event matches.
///
/// Never changes, and is an object since it holds much; safe to use from any thread.
public final class PatternMatcher: Sendable {
  /// The conjunctions of all patterns; their conditions are ascending by path.
  private let conjunctions: [[PatternCondition]]
  /// The pattern that each conjunction belongs to.
  private let owners: [Int]
  private let index: AnchorIndex
  private let paths: PathTrie
  private let typePath: Int?
  private let sourcePath: Int?

  /// Makes a matcher for patterns that are then known by their index.
  public init(_ patterns: [EventPattern]) {
    var paths = PathTrie()
    var conjunctions: [[PatternCondition]] = []
    var owners: [Int] = []
    for (number, pattern) in patterns.enumerated() {
      for conjunction in pattern.conjunctions {
        owners.append(number)
        conjunctions.append(
          conjunction.conditions.map {
            PatternCondition(path: paths.insert($0.path), allowed: $0.allowed)
          }
        )
      }
    }
    index = AnchorIndex(conjunctions, paths: paths.count)
    typePath = paths.find(Array("type".utf8))
    sourcePath = paths.find(Array("source".utf8))
    self.conjunctions = conjunctions
    self.owners = owners
    self.paths = paths
  }

  /// Whether patterns look at nothing but the `type` and the `source` of an event.
  public var needsOnlyTypeAndSource: Bool {
    paths.count == (typePath == nil ? 0 : 1) + (sourcePath == nil ? 0 : 1)
  }

  /// Finds the patterns that an event matches; an event that is no object matches none.
  ///
  /// `tape` must have scanned `text`.
  public func match(_ tape: JSONTape, _ text: Span<UInt8>, _ scratch: inout MatchScratch) {
    scratch.begin(conjunctions: conjunctions.count)
    guard tape.kind(0) == .object else { return }
    scratch.fields.collect(tape, text, at: paths)
    find(&scratch)
  }

  /// Finds the patterns that an event matches whose text is known to be a valid JSON object without repeated keys.
  ///
  /// Reads the text itself and skips what no pattern names.
  public func match(valid text: Span<UInt8>, _ scratch: inout MatchScratch) {
    scratch.begin(conjunctions: conjunctions.count)
    scratch.fields.collect(valid: text, at: paths)
    find(&scratch)
  }

  /// Finds the patterns that an event matches of which only this is known; see `needsOnlyTypeAndSource`.
  public func match(type: [UInt8], source: [UInt8], _ scratch: inout MatchScratch) {
    scratch.begin(conjunctions: conjunctions.count)
    scratch.fields.clear(paths)
    if let typePath { scratch.fields.add(.string(type), at: typePath) }
    if let sourcePath { scratch.fields.add(.string(source), at: sourcePath) }
    find(&scratch)
  }

  /// The indices of the patterns that an event matches, ascending; an event that is no object matches none.
  ///
  /// `tape` must have scanned `text`.
  public func matches(_ tape: JSONTape, _ text: [UInt8]) -> [Int] {
    var scratch = MatchScratch()
    match(tape, text.span, &scratch)
    return scratch.matched
  }

  private func find(_ scratch: inout MatchScratch) {
    let fields = scratch.fields
    for path in fields.filledPaths {
      for leaf in fields.leaves(at: path) {
        index.forEachCandidate(leaf.value, at: path) { consider($0, fields, &scratch) }
      }
    }
    for conjunction in index.always { consider(conjunction, fields, &scratch) }
    scratch.finish()
  }

  private func consider(_ conjunction: Int, _ fields: EventFields, _ scratch: inout MatchScratch) {
    guard scratch.isFirstLook(conjunction), holds(conjunction, fields) else { return }
    scratch.matched.append(owners[conjunction])
  }

  private func holds(_ conjunction: Int, _ fields: EventFields) -> Bool {
    fields.hasMemberships
      ? Self.holdsInArrays(conjunctions[conjunction], fields)
      : Self.holds(conjunctions[conjunction], fields)
  }

  /// The same without the index, for tests: every pattern is looked at.
  func matchesOneByOne(_ tape: JSONTape, _ text: [UInt8]) -> [Int] {
    guard tape.kind(0) == .object else { return [] }
    var fields = EventFields()
    fields.collect(tape, text.span, at: paths)
    return Set(conjunctions.indices.filter { holds($0, fields) }.map { owners[$0] }).sorted()
  }

  /// Without arrays of objects, conditions do not depend on each other.
  private static func holds(_ conjunction: [PatternCondition], _ fields: EventFields) -> Bool {
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
  private static func holdsInArrays(_ conjunction: [PatternCondition], _ fields: EventFields) -> Bool {
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
    _ conjunction: [PatternCondition],
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
