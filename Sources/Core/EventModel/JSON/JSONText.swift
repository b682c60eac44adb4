// SPDX-License-Identifier: Apache-2.0

/// The values of JSON strings that are known to be valid.
public enum JSONText {
  /// The value of a string by its content, without quotes.
  public static func unescaped(_ content: Span<UInt8>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(content.count)
    appendUnescaped(content, to: &bytes)
    return bytes
  }

  /// Appends the value of a string by its content, without quotes.
  public static func appendUnescaped(_ content: Span<UInt8>, to bytes: inout [UInt8]) {
    var offset = 0
    while offset < content.count {
      var end = offset
      while end < content.count, content[unchecked: end] != UInt8(ascii: "\\") { end += 1 }
      bytes.append(content, offset..<end)
      offset = end
      if offset < content.count { offset = appendEscape(content, offset, to: &bytes) }
    }
  }

  /// Appends what the escape at `offset`, known to be valid, stands for; returns the offset after it.
  private static func appendEscape(_ text: Span<UInt8>, _ offset: Int, to bytes: inout [UInt8]) -> Int {
    switch text[offset + 1] {
    case UInt8(ascii: "b"): bytes.append(0x08)
    case UInt8(ascii: "f"): bytes.append(0x0C)
    case UInt8(ascii: "n"): bytes.append(0x0A)
    case UInt8(ascii: "r"): bytes.append(0x0D)
    case UInt8(ascii: "t"): bytes.append(0x09)
    case UInt8(ascii: "u"):
      let high = (try? JSONLexer.hexUnit(text, offset + 2)) ?? 0xFFFD
      let isPair = high & 0xFC00 == 0xD800
      let low = isPair ? (try? JSONLexer.hexUnit(text, offset + 8)) ?? 0xDC00 : 0
      let value = isPair ? 0x10000 + (high - 0xD800) << 10 + (low - 0xDC00) : high
      bytes.append(contentsOf: String(Unicode.Scalar(value) ?? "\u{FFFD}").utf8)
      return offset + (isPair ? 12 : 6)
    default: bytes.append(text[offset + 1])
    }
    return offset + 2
  }
}
