// SPDX-License-Identifier: Apache-2.0

/// Splits an expression into tokens ("Syntax" in CEL's definition).
struct Lexer {
  let text: [UInt8]
  private var offset = 0

  /// Reads tokens from an offset on.
  init(_ text: [UInt8], from start: Int = 0) {
    self.text = text
    offset = start
  }

  /// The reserved words, which cannot be names of variables or functions.
  static let reserved: Set<String> = [
    "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package",
    "namespace", "return", "var", "void", "while",
  ]

  mutating func next() throws(ExpressionError) -> Token {
    skipSpace()
    guard offset < text.count else { return Token(kind: .end, range: text.count..<text.count) }
    let start = offset
    let byte = text[offset]
    if let token = try stringToken() { return token }
    if Self.isNameStart(byte) { return nameToken() }
    if Self.isDigit(byte) || (byte == UInt8(ascii: ".") && isDigit(at: offset + 1)) {
      return try numberToken()
    }
    if byte == UInt8(ascii: "`") { return try quotedName() }
    for (mark, bytes) in Token.StaticMark.byLength where text[start...].starts(with: bytes) {
      offset += bytes.count
      return Token(kind: .mark(mark), range: start..<offset)
    }
    throw unexpected(at: start)
  }

  private func unexpected(at start: Int) -> ExpressionError {
    let help: String? =
      switch text[start] {
      case UInt8(ascii: "="): "to compare, write =="
      case UInt8(ascii: "&"): "for 'and', write &&"
      case UInt8(ascii: "|"): "for 'or', write ||"
      default: nil
      }
    var end = start + 1
    while end < text.count, text[end] & 0xC0 == 0x80 { end += 1 }
    let character = String(decoding: text[start..<end], as: UTF8.self)
    return ExpressionError(.syntax, "'\(character)' has no meaning here", at: start..<end, help: help)
  }

  private mutating func skipSpace() {
    while offset < text.count {
      switch text[offset] {
      case 0x20, 0x09, 0x0A, 0x0C, 0x0D: offset += 1
      case UInt8(ascii: "/") where offset + 1 < text.count && text[offset + 1] == UInt8(ascii: "/"):
        while offset < text.count, text[offset] != 0x0A { offset += 1 }
      default: return
      }
    }
  }

  private mutating func nameToken() -> Token {
    let start = offset
    while offset < text.count, Self.isNameStart(text[offset]) || Self.isDigit(text[offset]) { offset += 1 }
    let word = String(decoding: text[start..<offset], as: UTF8.self)
    let kind: Token.Kind =
      switch word {
      case "true": .true
      case "false": .false
      case "null": .null
      case "in": .membership
      default: Self.reserved.contains(word) ? .reserved : .name
      }
    return Token(kind: kind, range: start..<offset)
  }

  /// A field's name in backquotes: letters, digits and `_ . - /` and blanks.
  private mutating func quotedName() throws(ExpressionError) -> Token {
    let start = offset
    offset += 1
    while offset < text.count, text[offset] != UInt8(ascii: "`") {
      let byte = text[offset]
      guard Self.isNameStart(byte) || Self.isDigit(byte) || [0x2E, 0x2D, 0x2F, 0x20].contains(byte) else {
        throw ExpressionError(.syntax, "a name in backquotes cannot hold this", at: offset..<offset + 1)
      }
      offset += 1
    }
    guard offset < text.count, offset > start + 1 else {
      throw ExpressionError(.syntax, "this backquote begins no name", at: start..<start + 1)
    }
    offset += 1
    return Token(kind: .quotedName, range: start..<offset)
  }

  private mutating func numberToken() throws(ExpressionError) -> Token {
    let start = offset
    var kind = Token.Kind.int
    if text[offset] == UInt8(ascii: "0"), offset + 1 < text.count,
      text[offset + 1] | 0x20 == UInt8(ascii: "x")
    {
      offset += 2
      while offset < text.count, Self.hexDigit(text[offset]) != nil { offset += 1 }
      guard offset > start + 2 else { throw badNumber(from: start) }
    } else {
      skipDigits()
      if offset < text.count, text[offset] == UInt8(ascii: "."), isDigit(at: offset + 1) {
        kind = .double
        offset += 1
        skipDigits()
      }
      if offset < text.count, text[offset] | 0x20 == UInt8(ascii: "e") {
        kind = .double
        offset += 1
        if offset < text.count, text[offset] == 0x2B || text[offset] == 0x2D { offset += 1 }
        guard isDigit(at: offset) else { throw badNumber(from: start) }
        skipDigits()
      }
    }
    if kind == .int, offset < text.count, text[offset] | 0x20 == UInt8(ascii: "u") {
      kind = .uint
      offset += 1
    }
    if offset < text.count, Self.isNameStart(text[offset]) { throw badNumber(from: start) }
    return Token(kind: kind, range: start..<offset)
  }

  private func badNumber(from start: Int) -> ExpressionError {
    ExpressionError(
      .literal,
      "this is not a number",
      at: start..<min(offset + 1, text.count),
      help: "write for example 10, 10u, 0x1F, 1.5 or 1e3"
    )
  }

  private mutating func skipDigits() {
    while isDigit(at: offset) { offset += 1 }
  }

  /// A string with its prefix; nil when none begins here.
  private mutating func stringToken() throws(ExpressionError) -> Token? {
    let start = offset
    var place = offset
    var isBytes = false
    var isRaw = false
    while place < text.count, place < start + 2 {
      let letter = text[place] | 0x20
      if letter == UInt8(ascii: "b"), !isBytes {
        isBytes = true
      } else if letter == UInt8(ascii: "r"), !isRaw {
        isRaw = true
      } else {
        break
      }
      place += 1
    }
    guard place < text.count, text[place] == UInt8(ascii: "\"") || text[place] == UInt8(ascii: "'") else {
      return nil
    }
    offset = try endOfString(place, isRaw: isRaw, from: start)
    return Token(kind: isBytes ? .bytes : .string, range: start..<offset)
  }

  /// The offset after a string whose quote stands at `place`.
  private func endOfString(_ place: Int, isRaw: Bool, from start: Int) throws(ExpressionError) -> Int {
    let quote = text[place]
    let isTriple = text[place...].starts(with: [quote, quote, quote])
    var end = place + (isTriple ? 3 : 1)
    while end < text.count {
      if text[end] == UInt8(ascii: "\\"), !isRaw {
        end += 2
      } else if text[end] == quote, !isTriple || text[end...].starts(with: [quote, quote, quote]) {
        return end + (isTriple ? 3 : 1)
      } else if !isTriple, text[end] == 0x0A || text[end] == 0x0D {
        break
      } else {
        end += 1
      }
    }
    throw ExpressionError(
      .syntax,
      "this string is never closed",
      at: start..<place + 1,
      help: "strings over several lines stand between three quotes"
    )
  }

  private func isDigit(at place: Int) -> Bool { place < text.count && Self.isDigit(text[place]) }

  static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  static func isNameStart(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "_") || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z"))
  }

  static func hexDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case 0x30...0x39: UInt32(byte - 0x30)
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }
}
