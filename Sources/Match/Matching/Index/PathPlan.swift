// SPDX-License-Identifier: Apache-2.0

/// What has to be looked up for the values at one path.
struct PathPlan: Sendable {
  /// Whether anything is filed under the path for every value.
  private(set) var hasAnything = false
  private(set) var hasLiterals = false
  /// Whether a number that is no exact double is asked for, which is found by its text.
  private(set) var hasTextNumbers = false
  /// The lengths of whole texts that are asked for; longer ones are all at the last place.
  private var textLengths = [Bool](repeating: false, count: Self.lengthLimit + 1)
  /// The lengths of beginnings and ends, ascending.
  private(set) var prefixes: [Int] = []
  private(set) var suffixes: [Int] = []
  /// Lengths of a beginning together with an end.
  private(set) var both: [(prefix: Int, suffix: Int)] = []
  /// The lengths of parts anywhere.
  private(set) var parts: [Int] = []
  private(set) var hasAddresses = false
  private(set) var hasFoldedTexts = false
  private(set) var foldedPrefixes: [Int] = []
  private(set) var foldedSuffixes: [Int] = []
  private(set) var ranges = RangeTable([])

  private static let lengthLimit = 255

  init(shapes: Set<Anchor.Shape>, patterns: [ValuePattern], ranges: [(range: NumericRange, number: Int)]) {
    self.ranges = RangeTable(ranges)
    for shape in shapes { add(shape) }
    prefixes.sort()
    suffixes.sort()
    foldedPrefixes.sort()
    foldedSuffixes.sort()
    for pattern in patterns { add(pattern) }
  }

  private mutating func add(_ shape: Anchor.Shape) {
    switch shape {
    case .value: break
    case .text(let length): textLengths[min(length, Self.lengthLimit)] = true
    case .prefix(let length): prefixes.append(length)
    case .suffix(let length): suffixes.append(length)
    case .both(let prefix, let suffix): both.append((prefix, suffix))
    case .part(let length): parts.append(length)
    case .address: hasAddresses = true
    case .foldedText: hasFoldedTexts = true
    case .foldedPrefix(let length): foldedPrefixes.append(length)
    case .foldedSuffix(let length): foldedSuffixes.append(length)
    }
  }

  private mutating func add(_ pattern: ValuePattern) {
    switch pattern {
    case .literal(.number(let number)):
      hasLiterals = true
      if number.value == nil { hasTextNumbers = true }
    case .literal(.bool), .literal(.null): hasLiterals = true
    case .numeric, .absent, .literal(.string): break
    default:
      if case .key(Anchor.anything(at: 0), _)? = Anchor(pattern, at: 0) { hasAnything = true }
    }
  }

  /// Whether a whole text of that length may be asked for; a long one is not read to its end for nothing.
  @inline(__always)
  func asksForText(of length: Int) -> Bool { textLengths[min(length, Self.lengthLimit)] }
}
