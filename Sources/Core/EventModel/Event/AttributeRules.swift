// SPDX-License-Identifier: Apache-2.0

/// What CloudEvents 1.0 says of the values of attributes ("Type System" and "Context Attributes").
enum AttributeRules {
  /// Whether a name consists of a-z and 0-9 only.
  static func isName(_ name: Span<UInt8>) -> Bool {
    for offset in 0..<name.count {
      let byte = name[unchecked: offset]
      let isLetter = byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
      guard isLetter || JSONLexer.isDigit(byte) else { return false }
    }
    return !name.isEmpty
  }

  /// Whether a string, valid UTF-8 already, has no control character and no noncharacter.
  static func isCleanString(_ value: Span<UInt8>) -> Bool {
    for offset in 0..<value.count {
      let byte = value[unchecked: offset]
      if byte < 0x20 || byte == 0x7F { return false }
      if byte >= 0x80 && !isCleanScalar(value, offset) { return false }
    }
    return true
  }

  /// Judges a scalar at its leading byte; continuation bytes pass.
  private static func isCleanScalar(_ value: Span<UInt8>, _ offset: Int) -> Bool {
    switch value[unchecked: offset] {
    case 0xC2: return value[offset + 1] >= 0xA0
    case 0xEF:
      let (second, third) = (value[offset + 1], value[offset + 2])
      if second == 0xB7 { return third < 0x90 || third > 0xAF }
      return !(second == 0xBF && third >= 0xBE)
    case 0xF0...0xF4:
      // The last two scalars of every plane end in FFFE and FFFF.
      return !(value[offset + 1] & 0xF == 0xF && value[offset + 2] == 0xBF && value[offset + 3] >= 0xBE)
    default: return true
    }
  }

  /// Whether a media type has the form `type/subtype` with optional parameters (RFC 2045, section 5.1).
  static func isMediaType(_ value: Span<UInt8>) -> Bool {
    var slashes = 0
    var tokenLength = 0
    for offset in 0..<value.count {
      let byte = value[unchecked: offset]
      if byte == UInt8(ascii: ";") || (byte == 0x20 && slashes == 1 && tokenLength > 0) { break }
      if byte == UInt8(ascii: "/") {
        guard tokenLength > 0 else { return false }
        slashes += 1
        tokenLength = 0
      } else {
        guard isTokenByte(byte) else { return false }
        tokenLength += 1
      }
    }
    return slashes == 1 && tokenLength > 0
  }

  private static func isTokenByte(_ byte: UInt8) -> Bool {
    guard byte > 0x20 && byte < 0x7F else { return false }
    switch byte {
    case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "@"),
      UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: ":"), UInt8(ascii: "\\"), UInt8(ascii: "\""),
      UInt8(ascii: "/"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "?"), UInt8(ascii: "="):
      return false
    default: return true
    }
  }

  /// Whether a string is padded base64 (RFC 4648, section 4).
  static func isBase64(_ value: Span<UInt8>) -> Bool {
    guard value.count % 4 == 0 else { return false }
    var padding = 0
    for offset in 0..<value.count {
      let byte = value[unchecked: offset]
      if byte == UInt8(ascii: "=") {
        padding += 1
        continue
      }
      let letter = byte | 0x20
      let isLetter = letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "z")
      let isSign = byte == UInt8(ascii: "+") || byte == UInt8(ascii: "/")
      guard padding == 0, isLetter || isSign || JSONLexer.isDigit(byte) else { return false }
    }
    return padding <= 2
  }
}
