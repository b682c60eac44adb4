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
  let index: AnchorIndex
  private let simple: SimpleConjunctions
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
    paths.countMembers()
    simple = SimpleConjunctions(conjunctions, owners: owners)
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
    find(in: text, &scratch)
  }

  /// Finds the patterns that an event matches whose text is known to be a valid JSON object without repeated keys.
  ///
  /// Reads the text itself and skips what no pattern names. When it is known that no key holds a dot, which may stand
  /// for a way through objects, reading ends when everything that patterns name has been seen.
  public func match(valid text: Span<UInt8>, hasDottedKeys: Bool = true, _ scratch: inout MatchScratch) {
    scratch.begin(conjunctions: conjunctions.count)
    scratch.fields.collect(valid: text, hasDottedKeys: hasDottedKeys, at: paths)
    find(in: text, &scratch)
  }

  /// Finds the patterns that an event matches of which only this is known; see `needsOnlyTypeAndSource`.
  ///
  /// Both are parts of `text`, the values of strings.
  public func match(
    type: Range<Int>,
    source: Range<Int>,
    of text: Span<UInt8>,
    _ scratch: inout MatchScratch
  ) {
    scratch.begin(conjunctions: conjunctions.count)
    scratch.fields.clear(paths)
    if let typePath { scratch.fields.add(.string, type, at: typePath) }
    if let sourcePath { scratch.fields.add(.string, source, at: sourcePath) }
    find(in: text, &scratch)
  }

  /// The indices of the patterns that an event matches, ascending; an event that is no object matches none.
  ///
  /// `tape` must have scanned `text`.
  public func matches(_ tape: JSONTape, _ text: [UInt8]) -> [Int] {
    var scratch = MatchScratch()
    match(tape, text.span, &scratch)
    return scratch.matched
  }

  var conjunctionCount: Int { conjunctions.count }
  var patternCount: Int { Set(owners).count }
  var pathCount: Int { paths.count }
  /// The paths with their numbers.
  var pathTexts: [(text: String, number: Int)] { paths.all }

  private func find(in text: Span<UInt8>, _ scratch: inout MatchScratch) {
    // Taken out, so that the fields are lent and not copied while findings are added.
    var findings = MatchScratch.Findings()
    swap(&findings, &scratch.findings)
    text.withUnsafeBufferPointer { text in
      Leaves.with(scratch.fields, of: text) { find($0, &findings) }
    }
    swap(&findings, &scratch.findings)
  }

  private func find(_ leaves: Leaves, _ findings: inout MatchScratch.Findings) {
    for path in leaves.filled {
      var place = leaves.head(of: path)
      // Of several leaves the first one that is allowed decides, and no other need be looked at.
      let isAlone = leaves.next(place) < 0
      while place >= 0 {
        let leaf = leaves.view(place)
        index.forEachCandidate(leaf, at: path) { conjunction in
          if isAlone, let (holds, owner) = simple.verdict(conjunction, leaf) {
            if holds { findings.add(owner) }
          } else {
            consider(conjunction, leaves, &findings)
          }
        }
        place = leaves.next(place)
      }
    }
    for conjunction in index.always { consider(conjunction, leaves, &findings) }
    findings.finish()
  }

  private func consider(_ conjunction: Int, _ leaves: Leaves, _ findings: inout MatchScratch.Findings) {
    guard findings.isFirstLook(conjunction), holds(conjunction, leaves) else { return }
    findings.add(owners[conjunction])
  }

  private func holds(_ conjunction: Int, _ leaves: Leaves) -> Bool {
    leaves.hasMemberships
      ? ArrayConsistency.holds(conjunctions[conjunction], leaves)
      : Self.holds(conjunctions[conjunction], leaves)
  }

  /// The same without the index, for tests: every pattern is looked at.
  func matchesOneByOne(_ tape: JSONTape, _ text: [UInt8]) -> [Int] {
    guard tape.kind(0) == .object else { return [] }
    var fields = EventFields()
    fields.collect(tape, text.span, at: paths)
    return text.withUnsafeBufferPointer { text in
      Leaves.with(fields, of: text) { leaves in
        Set(conjunctions.indices.filter { holds($0, leaves) }.map { owners[$0] }).sorted()
      }
    }
  }

  /// Without arrays of objects, conditions do not depend on each other.
  private static func holds(_ conjunction: [PatternCondition], _ leaves: Leaves) -> Bool {
    for condition in conjunction where !leaves.meet(condition) { return false }
    return true
  }
}
