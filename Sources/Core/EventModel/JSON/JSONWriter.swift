// SPDX-License-Identifier: Apache-2.0

/// Ways to append JSON to a buffer, without an allocation besides the buffer's own growth.
public enum JSONWriter {
  /// Appends a string in quotes, escaped as RFC 8259 asks; all else stays as it is, in UTF-8.
  public static func append(_ string: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    appendContent(string, to: &bytes)
    bytes.append(UInt8(ascii: "\""))
  }

  /// Appends a string's content, escaped, without quotes: as an `EventBatch` holds attribute strings.
  public static func appendContent(_ string: String, to bytes: inout [UInt8]) {
    var string = string
    string.withUTF8 { appendEscaped($0, to: &bytes) }
  }

  /// Appends the escaped content of a string, given as valid UTF-8, without quotes.
  public static func appendEscaped(_ content: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
    var copied = 0
    for (offset, byte) in content.enumerated()
    where byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
      bytes.append(contentsOf: content[copied..<offset])
      copied = offset + 1
      appendEscape(of: byte, to: &bytes)
    }
    bytes.append(contentsOf: content[copied...])
  }

  private static func appendEscape(of byte: UInt8, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\\"))
    switch byte {
    case 0x08: bytes.append(UInt8(ascii: "b"))
    case 0x09: bytes.append(UInt8(ascii: "t"))
    case 0x0A: bytes.append(UInt8(ascii: "n"))
    case 0x0C: bytes.append(UInt8(ascii: "f"))
    case 0x0D: bytes.append(UInt8(ascii: "r"))
    case 0x00...0x1F:
      let digit = byte & 0xF
      append("u00" as StaticString, to: &bytes)
      bytes.append(UInt8(ascii: "0") + byte >> 4)
      bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    default: bytes.append(byte)
    }
  }

  /// Appends an integer in decimal.
  @inlinable
  public static func append(_ integer: some FixedWidthInteger, to bytes: inout [UInt8]) {
    // The longest is that of the least 64-bit integer.
    var digits = InlineArray<20, UInt8>(repeating: UInt8(ascii: "-"))
    var rest = UInt64(integer.magnitude)
    var start = digits.count
    repeat {
      start -= 1
      digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    } while rest > 0
    if integer < 0 { start -= 1 }
    digits.span.extracting(start...).withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
  }

  /// Appends a piece of JSON that is known when the program is written.
  @inline(__always)
  public static func append(_ literal: StaticString, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
  }
}
