// SPDX-License-Identifier: Apache-2.0

/// What has to be looked up for the values at one path.
///
/// Never changes; an object, since it is looked at for each value and holds much.
final class PathPlan: Sendable {
  /// Whether anything is filed under the path for every value.
  let hasAnything: Bool
  let hasLiterals: Bool
  /// Whether a number that is no exact double is asked for, which is found by its text.
  let hasTextNumbers: Bool
  let hasAddresses: Bool
  let hasFoldedTexts: Bool
  /// The lengths of whole texts that are asked for; longer ones are all at the last place.
  private let textLengths: [Bool]
  /// The lengths of beginnings and ends, ascending.
  let prefixes: [Int]
  let suffixes: [Int]
  /// Lengths of a beginning together with an end.
  let both: [(prefix: Int, suffix: Int)]
  /// The lengths of parts anywhere.
  let parts: [Int]
  let foldedPrefixes: [Int]
  let foldedSuffixes: [Int]
  let ranges: RangeTable

  private static let lengthLimit = 255

  init(shapes: Set<Anchor.Shape>, patterns: [ValuePattern], ranges: [(range: NumericRange, number: Int)]) {
    self.ranges = RangeTable(ranges)
    var lengths = Lengths()
    for shape in shapes { lengths.add(shape) }
    prefixes = lengths.prefixes.sorted()
    suffixes = lengths.suffixes.sorted()
    both = lengths.both
    parts = lengths.parts.sorted()
    foldedPrefixes = lengths.foldedPrefixes.sorted()
    foldedSuffixes = lengths.foldedSuffixes.sorted()
    textLengths = lengths.texts
    hasAddresses = shapes.contains(.address)
    hasFoldedTexts = shapes.contains(.foldedText)
    hasTextNumbers = patterns.contains { pattern in
      if case .literal(.number(let number)) = pattern { number.value == nil } else { false }
    }
    hasLiterals = patterns.contains { if case .literal = $0 { true } else { false } }
    hasAnything = patterns.contains { pattern in
      guard case .key(let key, _)? = Anchor(pattern, at: 0) else { return false }
      return key == Anchor.anything(at: 0)
    }
  }

  /// The lengths that shapes speak of.
  private struct Lengths {
    var texts = [Bool](repeating: false, count: PathPlan.lengthLimit + 1)
    var prefixes: [Int] = []
    var suffixes: [Int] = []
    var both: [(prefix: Int, suffix: Int)] = []
    var parts: [Int] = []
    var foldedPrefixes: [Int] = []
    var foldedSuffixes: [Int] = []

    mutating func add(_ shape: Anchor.Shape) {
      switch shape {
      case .value, .address, .foldedText: break
      case .text(let length): texts[min(length, PathPlan.lengthLimit)] = true
      case .prefix(let length): prefixes.append(length)
      case .suffix(let length): suffixes.append(length)
      case .both(let prefix, let suffix): both.append((prefix, suffix))
      case .part(let length): parts.append(length)
      case .foldedPrefix(let length): foldedPrefixes.append(length)
      case .foldedSuffix(let length): foldedSuffixes.append(length)
      }
    }
  }

  /// Whether a whole text of that length may be asked for; a long one is not read to its end for nothing.
  @inline(__always)
  func asksForText(of length: Int) -> Bool { textLengths[min(length, Self.lengthLimit)] }
}
