// SPDX-License-Identifier: Apache-2.0

/// Reading what an expression begins with: names, literals, and what stands in brackets.
extension Parser {
  mutating func primary() throws(ExpressionError) -> Syntax {
    let start = token.range.lowerBound
    switch token.kind {
    case .name, .mark(.dot): return try nameOrCall()
    case .mark(.openParenthesis):
      try advance()
      let inner = try expression()
      try expect(.closeParenthesis, "')'")
      return inner
    case .mark(.openBracket): return try list()
    case .mark(.openBrace): return try map()
    case .reserved:
      throw ExpressionError(
        .syntax,
        "'\(name(of: token))' is a reserved word and names nothing",
        at: token.range
      )
    case .int, .double, .uint:
      let value = try number(isNegative: false)
      return node(.literal(value), start)
    case .string, .bytes:
      let isBytes = token.kind == .bytes
      let content = try LiteralReader(text: text, range: token.range).content(isBytes: isBytes)
      try advance()
      return node(.literal(isBytes ? .bytes(content) : .string(content)), start)
    case .true, .false:
      let value = token.kind == .true
      try advance()
      return node(.literal(.bool(value)), start)
    case .null:
      try advance()
      return node(.literal(.null), start)
    default: throw unexpected("a value")
    }
  }

  /// Reads the number that is the next token.
  mutating func number(isNegative: Bool) throws(ExpressionError) -> Value {
    let reader = LiteralReader(text: text, range: token.range)
    let value =
      switch token.kind {
      case .int: try reader.int(isNegative: isNegative)
      case .uint: try reader.uint()
      default: try reader.double(isNegative: isNegative)
      }
    try advance()
    return value
  }

  private mutating func nameOrCall() throws(ExpressionError) -> Syntax {
    let start = token.range.lowerBound
    let isAbsolute = try take(.dot)
    guard token.kind == .name else { throw unexpected("a name") }
    let nameToken = token
    let word = name(of: token)
    try advance()
    if try take(.openParenthesis) {
      let arguments = try arguments()
      return try call(nil, isAbsolute ? "." + word : word, arguments, start, nameRange: nameToken.range)
    }
    if token.kind == .mark(.openBrace) { return try message(word, start) }
    return node(.name(word, isAbsolute: isAbsolute), start)
  }

  /// Reads the fields of a message to tell of it as a whole.
  private mutating func message(_ name: String, _ start: Int) throws(ExpressionError) -> Syntax {
    try advance()
    while token.kind != .mark(.closeBrace) {
      _ = try take(.question)
      guard token.kind == .name || token.kind == .reserved || token.kind == .quotedName else {
        throw unexpected("the name of a field")
      }
      try advance()
      try expect(.colon, "':'")
      _ = try expression()
      guard try take(.comma) else { break }
    }
    try expect(.closeBrace, "',' or '}'")
    return node(.message(name), start)
  }

  private mutating func list() throws(ExpressionError) -> Syntax {
    let start = token.range.lowerBound
    try advance()
    var elements: [Syntax.Element] = []
    while token.kind != .mark(.closeBracket) {
      let isOptional = try take(.question)
      elements.append(Syntax.Element(value: try expression(), isOptional: isOptional))
      guard try take(.comma) else { break }
    }
    try expect(.closeBracket, "',' or ']'")
    return node(.list(elements), start)
  }

  private mutating func map() throws(ExpressionError) -> Syntax {
    let start = token.range.lowerBound
    try advance()
    var entries: [Syntax.Entry] = []
    while token.kind != .mark(.closeBrace) {
      let isOptional = try take(.question)
      let key = try expression()
      try expect(.colon, "':' and a value")
      entries.append(Syntax.Entry(key: key, value: try expression(), isOptional: isOptional))
      guard try take(.comma) else { break }
    }
    try expect(.closeBrace, "',' or '}'")
    return node(.map(entries), start)
  }
}
