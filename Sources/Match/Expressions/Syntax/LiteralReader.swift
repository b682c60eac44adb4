// SPDX-License-Identifier: Apache-2.0

/// Reads what numbers and strings stand for.
struct LiteralReader {
  let text: [UInt8]
  let range: Range<Int>

  /// An integer; with a minus sign before it, even the smallest one.
  func int(isNegative: Bool) throws(ExpressionError) -> Value {
    let digits = (isNegative ? "-" : "") + number.digits
    guard let value = Int64(digits, radix: number.radix) else {
      throw outOfRange("int", "64 bits with a sign")
    }
    return .int(value)
  }

  func uint() throws(ExpressionError) -> Value {
    guard let value = UInt64(number.digits.dropLast(), radix: number.radix) else {
      throw outOfRange("uint", "64 bits")
    }
    return .uint(value)
  }

  func double(isNegative: Bool) throws(ExpressionError) -> Value {
    let spelling = String(decoding: text[range], as: UTF8.self)
    guard let value = Double(spelling.hasPrefix(".") ? "0" + spelling : spelling) else {
      throw outOfRange("double", "64 bits")
    }
    return .double(isNegative ? -value : value)
  }

  private var number: (digits: Substring, radix: Int) {
    let spelling = String(decoding: text[range], as: UTF8.self).lowercased()
    return spelling.hasPrefix("0x") ? (spelling.dropFirst(2), 16) : (spelling[...], 10)
  }

  private func outOfRange(_ type: String, _ size: String) -> ExpressionError {
    ExpressionError(
      .literal,
      "this number does not fit a\(type == "int" ? "n" : "") \(type) of \(size)",
      at: range
    )
  }

  /// The bytes of a string or bytes literal; a string's are UTF-8.
  func content(isBytes: Bool) throws(ExpressionError) -> Text {
    var start = range.lowerBound
    var isRaw = false
    while text[start] != UInt8(ascii: "\""), text[start] != UInt8(ascii: "'") {
      if text[start] | 0x20 == UInt8(ascii: "r") { isRaw = true }
      start += 1
    }
    let quote = text[start]
    let isTriple = range.upperBound - start >= 6 && text[start..<start + 3].allSatisfy { $0 == quote }
    let inner = start + (isTriple ? 3 : 1)..<range.upperBound - (isTriple ? 3 : 1)
    if isRaw || !text[inner].contains(UInt8(ascii: "\\")) { return Text(Array(text[inner])) }
    return try unescaped(inner, isBytes: isBytes)
  }

  private func unescaped(_ inner: Range<Int>, isBytes: Bool) throws(ExpressionError) -> Text {
    var result: [UInt8] = []
    var offset = inner.lowerBound
    while offset < inner.upperBound {
      guard text[offset] == UInt8(ascii: "\\") else {
        result.append(text[offset])
        offset += 1
        continue
      }
      let (length, code) = try escape(at: offset, until: inner.upperBound)
      switch (code, isBytes) {
      case (.byte(let value), true): result.append(UInt8(value))
      case (.point, true):
        throw badEscape(offset, length, "there are no code points in bytes; write \\x and two digits")
      case (.byte(let value), false), (.point(let value), false):
        guard let scalar = Unicode.Scalar(value) else {
          throw badEscape(offset, length, "this code point does not exist")
        }
        result.append(contentsOf: String(scalar).utf8)
      }
      offset += length
    }
    return Text(result)
  }

  /// What an escape stands for: a number that may be a byte, or a code point that is none.
  private enum Code {
    case byte(UInt32)
    case point(UInt32)
  }

  private static let simple: [UInt8: UInt32] = [
    UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10,
    UInt8(ascii: "r"): 13,
    UInt8(ascii: "t"): 9, UInt8(ascii: "v"): 11, UInt8(ascii: "\\"): 0x5C, UInt8(ascii: "?"): 0x3F,
    UInt8(ascii: "\""): 0x22, UInt8(ascii: "'"): 0x27, UInt8(ascii: "`"): 0x60,
  ]

  private func escape(at offset: Int, until end: Int) throws(ExpressionError) -> (length: Int, code: Code) {
    guard offset + 1 < end else { throw badEscape(offset, 1, nil) }
    let letter = text[offset + 1]
    if let code = Self.simple[letter] { return (2, .byte(code)) }
    switch letter {
    case UInt8(ascii: "x"), UInt8(ascii: "X"): return (4, .byte(try digits(offset, 2, radix: 16, until: end)))
    case UInt8(ascii: "u"): return (6, .point(try digits(offset, 4, radix: 16, until: end)))
    case UInt8(ascii: "U"): return (10, .point(try digits(offset, 8, radix: 16, until: end)))
    case UInt8(ascii: "0")...UInt8(ascii: "3"):
      return (4, .byte(try digits(offset - 1, 3, radix: 8, until: end)))
    default: throw badEscape(offset, 2, "a backslash itself is written \\\\")
    }
  }

  /// The value of `count` digits that follow two bytes after `offset`.
  private func digits(_ offset: Int, _ count: Int, radix: UInt32, until end: Int) throws(ExpressionError)
    -> UInt32
  {
    let start = offset + 2
    var value: UInt32 = 0
    for place in start..<start + count {
      guard place < end, let digit = Lexer.hexDigit(text[place]), digit < radix else {
        throw badEscape(max(offset, range.lowerBound), place - offset, "\(count) digits were expected")
      }
      value = value &* radix &+ digit
    }
    return value
  }

  private func badEscape(_ offset: Int, _ length: Int, _ help: String?) -> ExpressionError {
    ExpressionError(.literal, "this escape does not exist", at: offset..<offset + length, help: help)
  }
}
