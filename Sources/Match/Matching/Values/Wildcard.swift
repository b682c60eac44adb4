// SPDX-License-Identifier: Apache-2.0

/// A text in which `*` stands for any bytes, also none; `\*` and `\\` stand for the characters themselves.
struct Wildcard: Sendable, Hashable {
  /// What stands between the stars; one part when there is no star.
  private let parts: [[UInt8]]

  /// What every text that fits begins with.
  var head: [UInt8] { parts[0] }

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
  func matches(_ bytes: [UInt8]) -> Bool {
    let first = parts[0]
    guard parts.count > 1, let last = parts.last else { return bytes == first }
    guard bytes.count >= first.count + last.count, bytes.starts(with: first),
      bytes[(bytes.count - last.count)...].elementsEqual(last)
    else { return false }
    var rest = bytes[first.count..<bytes.count - last.count]
    for part in parts[1..<parts.count - 1] {
      guard let found = rest.firstRange(of: part) else { return false }
      rest = rest[found.upperBound...]
    }
    return true
  }
}
