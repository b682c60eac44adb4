// SPDX-License-Identifier: Apache-2.0

/// Base64 of RFC 4648, with the standard alphabet.
enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func encode(_ bytes: Text) -> String {
    var result: [UInt8] = []
    var rest = bytes.slice
    while !rest.isEmpty {
      let group = rest.prefix(3)
      rest = rest.dropFirst(3)
      let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << (8 * (3 - UInt32(group.count)))
      for place in 0..<4 {
        let isFilling = place > group.count
        result.append(isFilling ? UInt8(ascii: "=") : alphabet[Int(bits >> (18 - 6 * UInt32(place)) & 0x3F)])
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// The bytes of a text, nil when it is not base64; `=` at its end may be left out.
  static func decode(_ text: Text) -> [UInt8]? {
    var digits = text.slice
    while digits.last == UInt8(ascii: "=") { digits = digits.dropLast() }
    guard digits.count % 4 != 1, text.count - digits.count <= 2 else { return nil }
    var result: [UInt8] = []
    var bits: UInt32 = 0
    var count = 0
    for digit in digits {
      guard let value = alphabet.firstIndex(of: digit) else { return nil }
      bits = bits << 6 | UInt32(value)
      count += 6
      if count >= 8 {
        count -= 8
        result.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
      }
    }
    return result
  }
}
