// SPDX-License-Identifier: Apache-2.0

/// Finds the few conjunctions that an event's values bring up, however many there are.
///
/// Each conjunction is filed under one of its conditions, the one whose anchors it shares with the fewest others
/// (the access predicates of Fabret et al., SIGMOD 2001). So a value costs a look or two, plus one for each length of
/// beginnings and ends that are asked for at its path; no combination of patterns makes the index grow faster than
/// the patterns themselves. Never changes.
final class AnchorIndex: Sendable {
  private let keys: KeyTable
  private let plans: [PathPlan]
  /// The conjunctions that may hold for an event that shows none of their values.
  let always: [Int]
  /// How much is filed under each path, for people.
  let filedCounts: [[Anchor.Shape.Family: Int]]

  init(_ conjunctions: [[PatternCondition]], paths: Int) {
    let counts = AnchorCounts(conjunctions, paths: paths)
    var lists: [UInt64: [UInt32]] = [:]
    var filed = [Filed](repeating: Filed(), count: paths)
    var always: [Int] = []
    for (number, conjunction) in conjunctions.enumerated() {
      guard let condition = counts.rarest(of: conjunction) else {
        always.append(number)
        continue
      }
      for value in condition.allowed {
        switch Anchor(value, at: condition.path) {
        case .key(let key, let shape):
          if lists[key]?.last != UInt32(number) { lists[key, default: []].append(UInt32(number)) }
          filed[condition.path].shapes.insert(shape)
          let isAnything = key == Anchor.anything(at: condition.path)
          filed[condition.path].counts[isAnything ? .anything : shape.family, default: 0] += 1
        case .range(let range):
          filed[condition.path].ranges.append((range, number))
          filed[condition.path].counts[.range, default: 0] += 1
        case nil: preconditionFailure("a condition that allows absence has no anchor")
        }
        filed[condition.path].note(value)
      }
    }
    keys = KeyTable(lists)
    self.always = always
    filedCounts = filed.map(\.counts)
    plans = filed.map { PathPlan(shapes: $0.shapes, patterns: $0.patterns, ranges: $0.ranges) }
  }

  /// What is filed under a path.
  private struct Filed {
    var shapes: Set<Anchor.Shape> = []
    var ranges: [(range: NumericRange, number: Int)] = []
    /// Patterns whose kind matters for what is looked up.
    var patterns: [ValuePattern] = []
    var counts: [Anchor.Shape.Family: Int] = [:]

    mutating func note(_ pattern: ValuePattern) {
      switch pattern {
      case .literal(.string), .numeric: break
      default: patterns.append(pattern)
      }
    }
  }

  /// Calls `body` with each conjunction that a value at a path brings up, perhaps more than once.
  @inline(__always)
  func forEachCandidate(_ leaf: LeafView, at path: Int, _ body: (Int) -> Void) {
    let plan = plans[path]
    if plan.hasAnything { keys.forEach(Anchor.anything(at: path), body) }
    switch leaf.kind {
    case .string: visit(leaf.bytes, plan, at: path, body)
    case .number: visitNumber(leaf.bytes, plan, at: path, body)
    case .null: if plan.hasLiterals { keys.forEach(Anchor.key(.null, 0, 0, at: path), body) }
    case .true: if plan.hasLiterals { keys.forEach(Anchor.key(.true, 0, 0, at: path), body) }
    case .false: if plan.hasLiterals { keys.forEach(Anchor.key(.false, 0, 0, at: path), body) }
    }
  }

  private func visitNumber(
    _ bytes: UnsafeBufferPointer<UInt8>,
    _ plan: PathPlan,
    at path: Int,
    _ body: (Int) -> Void
  ) {
    let number = NumberText(bytes)
    if !plan.ranges.isEmpty { plan.ranges.forEach(number.bounds, body) }
    guard plan.hasLiterals else { return }
    keys.forEach(Anchor.key(.number, 0, Anchor.bits(number.nearest), at: path), body)
    if plan.hasTextNumbers { keys.forEach(Anchor.key(.number, 0, RollingHash.hash(bytes), at: path), body) }
  }

  private func visit(
    _ text: UnsafeBufferPointer<UInt8>,
    _ plan: PathPlan,
    at path: Int,
    _ body: (Int) -> Void
  ) {
    visitBeginnings(text, plan, at: path, body)
    if !plan.suffixes.isEmpty {
      var hash = BackwardHash(text)
      for length in plan.suffixes {
        guard length <= text.count else { break }
        keys.forEach(Anchor.key(.suffix, length, hash.of(last: length), at: path), body)
      }
    }
    for (prefix, suffix) in plan.both where prefix + suffix <= text.count {
      let start = RollingHash.hash(text[..<prefix])
      let end = RollingHash.hash(text[(text.count - suffix)...].reversed())
      keys.forEach(Anchor.key(.both, prefix << 16 | suffix, Anchor.combined(start, end), at: path), body)
    }
    for length in plan.parts where length <= text.count {
      for start in 0...text.count - length {
        keys.forEach(
          Anchor.key(.part, length, RollingHash.hash(text[start..<start + length]), at: path),
          body
        )
      }
    }
    if plan.hasAddresses, let address = LeafView(kind: .string, bytes: text).address {
      keys.forEach(Anchor.key(.address, 0, RollingHash.hash(address.bytes), at: path), body)
    }
    if plan.hasFoldedTexts || !plan.foldedPrefixes.isEmpty || !plan.foldedSuffixes.isEmpty {
      visitFolded(text, plan, at: path, body)
    }
  }

  /// Looks up the beginnings of a text and the whole text.
  @inline(__always)
  private func visitBeginnings(
    _ text: UnsafeBufferPointer<UInt8>,
    _ plan: PathPlan,
    at path: Int,
    _ body: (Int) -> Void
  ) {
    var hash = ForwardHash(text) { $0 }
    for length in plan.prefixes {
      guard length <= text.count else { break }
      keys.forEach(Anchor.key(.prefix, length, hash.of(first: length), at: path), body)
    }
    guard plan.asksForText(of: text.count) else { return }
    keys.forEach(Anchor.key(.text, 0, hash.of(first: text.count), at: path), body)
  }

  /// The same for texts in lower case.
  private func visitFolded(
    _ text: UnsafeBufferPointer<UInt8>,
    _ plan: PathPlan,
    at path: Int,
    _ body: (Int) -> Void
  ) {
    var hash = ForwardHash(text, CaseFolding.lowercased)
    for length in plan.foldedPrefixes {
      guard length <= text.count else { break }
      keys.forEach(Anchor.key(.foldedPrefix, length, hash.of(first: length), at: path), body)
    }
    if plan.hasFoldedTexts {
      keys.forEach(Anchor.key(.foldedText, 0, hash.of(first: text.count), at: path), body)
    }
    for length in plan.foldedSuffixes where length <= text.count {
      let end = text[(text.count - length)...].reversed().lazy.map(CaseFolding.lowercased)
      keys.forEach(Anchor.key(.foldedSuffix, length, RollingHash.hash(end), at: path), body)
    }
  }
}

/// The hashes of a text's beginnings, each going on from the shorter one.
private struct ForwardHash {
  private let text: UnsafeBufferPointer<UInt8>
  private let spelling: (UInt8) -> UInt8
  private var hash = RollingHash()
  private var read = 0

  @inline(__always)
  init(_ text: UnsafeBufferPointer<UInt8>, _ spelling: @escaping (UInt8) -> UInt8) {
    self.text = text
    self.spelling = spelling
  }

  /// The hash of the first bytes in their spelling; lengths must ascend.
  @inline(__always)
  mutating func of(first length: Int) -> UInt64 {
    while read < length {
      hash.add(spelling(text[read]))
      read += 1
    }
    return hash.value
  }
}

/// The hashes of a text's ends, each going on from the shorter one.
private struct BackwardHash {
  private let text: UnsafeBufferPointer<UInt8>
  private var hash = RollingHash()
  private var read = 0

  init(_ text: UnsafeBufferPointer<UInt8>) { self.text = text }

  /// The hash of the last bytes, from the last one backwards; lengths must ascend.
  mutating func of(last length: Int) -> UInt64 {
    while read < length {
      read += 1
      hash.add(text[text.count - read])
    }
    return hash.value
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
          case .key(let key, _): keys[key, default: 0] += 1
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
      case .key(let key, _): cost + keys[key, default: 0]
      // A number lies in some of the ranges; a third is a guess.
      case .range: cost + ranges[condition.path] / 3 + 1
      case nil: cost
      }
    }
  }
}
