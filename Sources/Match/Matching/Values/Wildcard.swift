// SPDX-License-Identifier: Apache-2.0

/// A text in which `*` stands for any bytes, also none; `\*` and `\\` stand for the characters themselves.
struct Wildcard: Sendable, Hashable {
  /// What stands between the stars; one part when there is no star.
  private let parts: [[UInt8]]

  /// What every text that fits begins with.
  var head: [UInt8] { parts[0] }
  /// What every text that fits ends with, after the beginning; empty when there is no star.
  var tail: [UInt8] { parts.count > 1 ? parts[parts.count - 1] : [] }
  /// The longest part between two stars.
  var longestInnerPart: [UInt8] { parts.dropFirst().dropLast().max { $0.count < $1.count } ?? [] }

  init(_ text: String) throws(PatternError) {
    var parts: [[UInt8]] = [[]]
    var isEscaped = false
    var followsStar = false
    for byte in text.utf8 {
      if isEscaped {
        guard byte == UInt8(ascii: "*") || byte == UInt8(ascii: "\\") else {
          throw PatternError("a backslash may only stand before * and \\")
        }
        parts[parts.count - 1].append(byte)
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
        followsStar = false
      } else if byte == UInt8(ascii: "*") {
        if followsStar { throw PatternError("two stars in a row mean no more than one") }
        parts.append([])
        followsStar = true
      } else {
        parts[parts.count - 1].append(byte)
        followsStar = false
      }
    }
    if isEscaped { throw PatternError("a backslash may only stand before * and \\") }
    self.parts = parts
  }

  /// Whether the whole text fits; takes each part at its first place, so nothing is tried twice.
  func matches(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    let whole = LeafView(kind: .string, bytes: bytes)
    let (first, last) = (parts[0], parts[parts.count - 1])
    guard parts.count > 1 else { return whole.equals(first) }
    guard bytes.count >= first.count + last.count, whole.hasPrefix(first), whole.hasSuffix(last) else {
      return false
    }
    var offset = first.count
    for number in 1..<parts.count - 1 {
      guard let found = Self.end(of: parts[number], in: bytes, offset..<bytes.count - last.count) else {
        return false
      }
      offset = found
    }
    return true
  }

  /// The offset after the first place within a range at which a part stands.
  private static func end(
    of part: [UInt8],
    in bytes: UnsafeBufferPointer<UInt8>,
    _ range: Range<Int>
  ) -> Int? {
    var offset = range.lowerBound
    while offset + part.count <= range.upperBound {
      var length = 0
      while length < part.count, bytes[offset + length] == part[length] { length += 1 }
      if length == part.count { return offset + length }
      offset += 1
    }
    return nil
  }
}
