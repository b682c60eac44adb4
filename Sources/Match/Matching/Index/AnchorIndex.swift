// SPDX-License-Identifier: Apache-2.0

/// Finds the few conjunctions that an event's values bring up, however many there are.
///
/// Each conjunction is filed under one of its conditions, the one whose anchors it shares with the fewest others
/// (the access predicates of Fabret et al., SIGMOD 2001). So a value costs a look or two, plus one for each length of
/// beginnings and ends that are asked for at its path; no combination of patterns makes the index grow faster than
/// the patterns themselves. Never changes.
final class AnchorIndex: Sendable {
  /// What is asked for at one path.
  private struct PathPlan: Sendable {
    /// The lengths of whole texts, beginnings and ends, ascending.
    var textLengths: [Int] = []
    var prefixLengths: [Int] = []
    var suffixLengths: [Int] = []
    var ranges = RangeTable([])
  }

  private let keys: KeyTable
  private let plans: [PathPlan]
  /// The conjunctions that may hold for an event that shows none of their values.
  let always: [Int]

  init(_ conjunctions: [[PatternCondition]], paths: Int) {
    let counts = AnchorCounts(conjunctions, paths: paths)
    var lists: [UInt64: [UInt32]] = [:]
    var ranges = [[(range: NumericRange, number: Int)]](repeating: [], count: paths)
    var lengths = [(text: Set<Int>, prefix: Set<Int>, suffix: Set<Int>)](
      repeating: ([], [], []),
      count: paths
    )
    var always: [Int] = []
    for (number, conjunction) in conjunctions.enumerated() {
      guard let condition = counts.rarest(of: conjunction) else {
        always.append(number)
        continue
      }
      for value in condition.allowed {
        switch Anchor(value, at: condition.path) {
        case .key(let key):
          if lists[key]?.last != UInt32(number) { lists[key, default: []].append(UInt32(number)) }
        case .range(let range): ranges[condition.path].append((range, number))
        case nil: preconditionFailure("a condition that allows absence has no anchor")
        }
        if case .literal(.string(let text)) = value { lengths[condition.path].text.insert(text.count) }
        if let length = Anchor.prefixLength(value) { lengths[condition.path].prefix.insert(length) }
        if let length = Anchor.suffixLength(value) { lengths[condition.path].suffix.insert(length) }
      }
    }
    keys = KeyTable(lists)
    self.always = always
    plans = (0..<paths).map { path in
      PathPlan(
        textLengths: lengths[path].text.sorted(),
        prefixLengths: lengths[path].prefix.sorted(),
        suffixLengths: lengths[path].suffix.sorted(),
        ranges: RangeTable(ranges[path])
      )
    }
  }

  /// Calls `body` with each conjunction that a value at a path brings up, perhaps more than once.
  func forEachCandidate(_ value: Literal, at path: Int, _ body: (Int) -> Void) {
    keys.forEach(Anchor.anything(at: path), body)
    switch value {
    case .string(let text): visit(text, at: path, body)
    case .number(let number):
      keys.forEach(Anchor.key(of: value, at: path), body)
      if let value = number.value { plans[path].ranges.forEach(value, body) }
    case .bool, .null: keys.forEach(Anchor.key(of: value, at: path), body)
    }
  }

  private func visit(_ text: [UInt8], at path: Int, _ body: (Int) -> Void) {
    visitBeginnings(text, at: path, body)
    var hash = RollingHash()
    var read = 0
    for length in plans[path].suffixLengths {
      guard length <= text.count else { break }
      while read < length {
        read += 1
        hash.add(text[text.count - read])
      }
      keys.forEach(Anchor.key(.suffix, length, hash.value, at: path), body)
    }
  }

  /// Looks up the beginnings of a text and the whole text, whose hash goes on from theirs.
  private func visitBeginnings(_ text: [UInt8], at path: Int, _ body: (Int) -> Void) {
    var hash = RollingHash()
    var read = 0
    for length in plans[path].prefixLengths {
      guard length <= text.count else { break }
      while read < length {
        hash.add(text[read])
        read += 1
      }
      keys.forEach(Anchor.key(.prefix, length, hash.value, at: path), body)
    }
    // A long text is not read to its end for nothing.
    guard plans[path].textLengths.contains(text.count) else { return }
    while read < text.count {
      hash.add(text[read])
      read += 1
    }
    keys.forEach(Anchor.key(.text, 0, hash.value, at: path), body)
  }
}

/// How many conditions share each anchor.
private struct AnchorCounts {
  private var keys: [UInt64: Int] = [:]
  private var ranges: [Int]

  init(_ conjunctions: [[PatternCondition]], paths: Int) {
    ranges = [Int](repeating: 0, count: paths)
    for conjunction in conjunctions {
      for condition in conjunction where !condition.allowsAbsence {
        for value in condition.allowed {
          switch Anchor(value, at: condition.path) {
          case .key(let key): keys[key, default: 0] += 1
          case .range: ranges[condition.path] += 1
          case nil: break
          }
        }
      }
    }
  }

  /// The condition that brings its conjunction up together with the fewest others; nil when none can.
  func rarest(of conjunction: [PatternCondition]) -> PatternCondition? {
    conjunction.filter { !$0.allowsAbsence }.min { cost($0) < cost($1) }
  }

  private func cost(_ condition: PatternCondition) -> Int {
    condition.allowed.reduce(0) { cost, value in
      switch Anchor(value, at: condition.path) {
      case .key(let key): cost + keys[key, default: 0]
      // A number lies in some of the ranges; a third is a guess.
      case .range: cost + ranges[condition.path] / 3 + 1
      case nil: cost
      }
    }
  }
}
