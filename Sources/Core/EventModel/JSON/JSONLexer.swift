// SPDX-License-Identifier: Apache-2.0

/// The tokens of RFC 8259 that need more than one byte of look-ahead: space, numbers and strings.
enum JSONLexer {
  /// The offset of the first byte from `offset` on that is not white space.
  @inline(__always)
  static func skipSpace(_ text: Span<UInt8>, _ offset: Int) -> Int {
    var offset = offset
    while offset < text.count {
      switch text[unchecked: offset] {
      case 0x20, 0x0A, 0x0D, 0x09: offset += 1
      default: return offset
      }
    }
    return offset
  }

  static func endOfText(_ text: Span<UInt8>, _ expected: String) -> JSONError {
    JSONError(.unexpectedEnd, at: text.count, "the text ends where \(expected) was expected")
  }

  /// Scans a number that starts at `start` with a digit or a minus sign.
  static func number(
    _ text: Span<UInt8>,
    _ start: Int
  ) throws(JSONError) -> (end: Int, isFractional: Bool) {
    var offset = start
    if text[unchecked: offset] == UInt8(ascii: "-") { offset += 1 }
    if offset < text.count && text[unchecked: offset] == UInt8(ascii: "0") {
      offset += 1
      if offset < text.count, isDigit(text[unchecked: offset]) {
        throw JSONError(.syntax, at: offset, "a number may not have leading zeros")
      }
    } else {
      offset = try digits(text, offset)
    }
    var isFractional = false
    if offset < text.count && text[unchecked: offset] == UInt8(ascii: ".") {
      isFractional = true
      offset = try digits(text, offset + 1)
    }
    if offset < text.count && text[unchecked: offset] | 0x20 == UInt8(ascii: "e") {
      isFractional = true
      offset += 1
      if offset < text.count,
        text[unchecked: offset] == UInt8(ascii: "+") || text[unchecked: offset] == UInt8(ascii: "-")
      {
        offset += 1
      }
      offset = try digits(text, offset)
    }
    return (offset, isFractional)
  }

  private static func digits(_ text: Span<UInt8>, _ start: Int) throws(JSONError) -> Int {
    var offset = start
    while offset < text.count && isDigit(text[unchecked: offset]) { offset += 1 }
    guard offset > start else {
      throw offset == text.count
        ? endOfText(text, "a digit") : JSONError(.syntax, at: offset, "expected a digit")
    }
    return offset
  }

  @inline(__always)
  static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

  /// Scans the inside of a string from the byte after the opening quote; `end` is the closing quote's offset.
  static func string(_ text: Span<UInt8>, _ start: Int) throws(JSONError) -> (end: Int, isEscaped: Bool) {
    var offset = start
    var isEscaped = false
    while true {
      offset = skipPlain(text, offset)
      guard offset < text.count else { throw endOfText(text, "the closing quote") }
      let byte = text[unchecked: offset]
      if byte == UInt8(ascii: "\"") { return (offset, isEscaped) }
      if byte == UInt8(ascii: "\\") {
        isEscaped = true
        offset = try escape(text, offset)
      } else if byte < 0x20 {
        throw JSONError(.syntax, at: offset, "a control character in a string must be escaped")
      } else {
        offset = try multibyteScalar(text, offset)
      }
    }
  }

  /// Skips bytes that need no look: printable ASCII but the quote and the backslash, eight at a time.
  @inline(__always)
  static func skipPlain(_ text: Span<UInt8>, _ start: Int) -> Int {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let tops: UInt64 = 0x8080_8080_8080_8080
    let raw = text.bytes
    var offset = start
    while offset &+ 8 <= text.count {
      let word = raw.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self).littleEndian
      let quote = word ^ (ones &* 0x22)
      let backslash = word ^ (ones &* 0x5C)
      let special =
        (word | ((word &- ones &* 0x20) & ~word) | ((quote &- ones) & ~quote)
          | ((backslash &- ones) & ~backslash)) & tops
      if special != 0 { return offset &+ special.trailingZeroBitCount / 8 }
      offset &+= 8
    }
    while offset < text.count {
      let byte = text[unchecked: offset]
      if byte < 0x20 || byte >= 0x80 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
      offset &+= 1
    }
    return offset
  }

  /// Checks the escape at `offset` and returns the offset after it; a surrogate pair is one escape.
  private static func escape(_ text: Span<UInt8>, _ offset: Int) throws(JSONError) -> Int {
    guard offset + 1 < text.count else { throw endOfText(text, "an escape") }
    switch text[unchecked: offset + 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return offset + 2
    case UInt8(ascii: "u"):
      let unit = try hexUnit(text, offset + 2)
      guard unit & 0xF800 == 0xD800 else { return offset + 6 }
      guard unit < 0xDC00, offset + 7 < text.count, text[unchecked: offset + 6] == UInt8(ascii: "\\"),
        text[unchecked: offset + 7] == UInt8(ascii: "u"), try hexUnit(text, offset + 8) & 0xFC00 == 0xDC00
      else { throw JSONError(.loneSurrogate, at: offset, "half of a surrogate pair") }
      return offset + 12
    default:
      throw JSONError(.syntax, at: offset, "unknown escape")
    }
  }

  /// The value of four hexadecimal digits.
  static func hexUnit(_ text: Span<UInt8>, _ start: Int) throws(JSONError) -> UInt32 {
    var unit: UInt32 = 0
    for offset in start..<start + 4 {
      guard offset < text.count else { throw endOfText(text, "four hexadecimal digits") }
      let byte = text[unchecked: offset]
      let letter = byte | 0x20
      if isDigit(byte) {
        unit = unit << 4 | UInt32(byte & 0xF)
      } else if letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "f") {
        unit = unit << 4 | UInt32(letter - UInt8(ascii: "a") + 10)
      } else {
        throw JSONError(.syntax, at: offset, "expected four hexadecimal digits")
      }
    }
    return unit
  }

  /// Checks the multi-byte scalar at `offset` (RFC 3629, section 4) and returns the offset after it.
  private static func multibyteScalar(_ text: Span<UInt8>, _ offset: Int) throws(JSONError) -> Int {
    let lead = text[unchecked: offset]
    let length =
      lead >= 0xC2 && lead < 0xE0 ? 2 : lead & 0xF0 == 0xE0 ? 3 : lead >= 0xF0 && lead < 0xF5 ? 4 : 0
    guard length > 0, offset + length <= text.count else {
      throw JSONError(.invalidUTF8, at: offset, "invalid UTF-8")
    }
    let second = text[unchecked: offset + 1]
    let lowest: UInt8 = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80
    let highest: UInt8 = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF
    var isValid = second >= lowest && second <= highest
    for index in 2..<max(length, 2) { isValid = isValid && text[unchecked: offset + index] & 0xC0 == 0x80 }
    guard isValid else { throw JSONError(.invalidUTF8, at: offset, "invalid UTF-8") }
    return offset + length
  }
}
