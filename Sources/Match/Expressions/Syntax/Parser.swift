// SPDX-License-Identifier: Apache-2.0

/// Reads an expression by recursive descent, one function for each rule of CEL's grammar.
///
/// Macros are expanded on the way. Nesting is limited, so that no text can exhaust the stack, here or in evaluation.
struct Parser {
  /// The longest expression in bytes.
  static let maximumLength = 16_384
  /// How deep an expression may nest.
  static let maximumDepth = 120

  let text: [UInt8]
  let expandsMacros: Bool
  private var lexer: Lexer
  private(set) var token: Token
  private var depth = 0
  private var lastEnd = 0

  init(_ text: [UInt8], expandsMacros: Bool = true) throws(ExpressionError) {
    guard text.count <= Self.maximumLength else {
      throw ExpressionError(.limit, "the expression exceeds \(Self.maximumLength) bytes", at: 0..<text.count)
    }
    self.text = text
    self.expandsMacros = expandsMacros
    lexer = Lexer(text)
    token = try lexer.next()
  }

  /// Reads the whole text as one expression.
  static func parse(_ text: String, expandsMacros: Bool = true) throws(ExpressionError) -> Syntax {
    var parser = try Parser(Array(text.utf8), expandsMacros: expandsMacros)
    let syntax = try parser.expression()
    guard parser.token.kind == .end else { throw parser.unexpected("an operator or the end") }
    return syntax
  }

  mutating func expression() throws(ExpressionError) -> Syntax {
    depth += 1
    defer { depth -= 1 }
    try checkDepth(depth)
    let condition = try disjunction()
    guard try take(.question) else { return condition }
    let first = try disjunction()
    try expect(.colon, "':' and what holds otherwise")
    let second = try expression()
    return node(.conditional(condition, first, second), condition.range.lowerBound)
  }

  private mutating func disjunction() throws(ExpressionError) -> Syntax {
    let first = try conjunction()
    guard token.kind == .mark(.or) else { return first }
    var parts = [first]
    while try take(.or) { parts.append(try conjunction()) }
    return node(.logical(.or, parts), first.range.lowerBound)
  }

  private mutating func conjunction() throws(ExpressionError) -> Syntax {
    let first = try relation()
    guard token.kind == .mark(.and) else { return first }
    var parts = [first]
    while try take(.and) { parts.append(try relation()) }
    return node(.logical(.and, parts), first.range.lowerBound)
  }

  private static let relations: [Token.StaticMark: String] = [
    .equal: "_==_", .notEqual: "_!=_", .less: "_<_", .lessOrEqual: "_<=_", .greater: "_>_",
    .greaterOrEqual: "_>=_",
  ]

  private mutating func relation() throws(ExpressionError) -> Syntax {
    var left = try addition()
    var length = 0
    while true {
      let function: String?
      if token.kind == .membership {
        function = "@in"
        try advance()
      } else {
        function = try takeOperator(Self.relations)
      }
      guard let function else { return left }
      length += 1
      try checkDepth(depth + length)
      let right = try addition()
      left = node(.call(target: nil, function: function, [left, right]), left.range.lowerBound)
    }
  }

  private mutating func addition() throws(ExpressionError) -> Syntax {
    var left = try multiplication()
    var length = 0
    while let function = try takeOperator([.plus: "_+_", .minus: "_-_"]) {
      length += 1
      try checkDepth(depth + length)
      let right = try multiplication()
      left = node(.call(target: nil, function: function, [left, right]), left.range.lowerBound)
    }
    return left
  }

  private mutating func multiplication() throws(ExpressionError) -> Syntax {
    var left = try unary()
    var length = 0
    while let function = try takeOperator([.times: "_*_", .divide: "_/_", .remainder: "_%_"]) {
      length += 1
      try checkDepth(depth + length)
      let right = try unary()
      left = node(.call(target: nil, function: function, [left, right]), left.range.lowerBound)
    }
    return left
  }

  private mutating func unary() throws(ExpressionError) -> Syntax {
    let mark: Token.StaticMark = token.kind == .mark(.not) ? .not : .minus
    var starts: [Int] = []
    while token.kind == .mark(mark) {
      starts.append(token.range.lowerBound)
      try advance()
    }
    try checkDepth(depth + starts.count)
    var operand: Syntax
    let isNumber = token.kind == .int || token.kind == .double
    if mark == .minus, isNumber, let start = starts.popLast() {
      let literal = try number(isNegative: true)
      operand = try members(of: node(.literal(literal), start))
    } else {
      operand = try members(of: try primary())
    }
    for start in starts.reversed() {
      operand = node(.call(target: nil, function: mark == .not ? "!_" : "-_", [operand]), start)
    }
    return operand
  }

  /// Reads selections, indexes and calls that follow an operand.
  private mutating func members(of operand: Syntax) throws(ExpressionError) -> Syntax {
    var operand = operand
    var length = 0
    while true {
      if try take(.dot) {
        operand = try selection(operand)
      } else if try take(.openBracket) {
        let isOptional = try take(.question)
        let index = try expression()
        try expect(.closeBracket, "']'")
        operand = node(.index(operand, index, isOptional: isOptional), operand.range.lowerBound)
      } else {
        return operand
      }
      length += 1
      try checkDepth(depth + length)
    }
  }

  private mutating func selection(_ operand: Syntax) throws(ExpressionError) -> Syntax {
    let start = operand.range.lowerBound
    let isOptional = try take(.question)
    guard token.kind == .name || token.kind == .reserved || token.kind == .quotedName else {
      throw unexpected("the name of a field")
    }
    let nameToken = token
    let field = name(of: token)
    try advance()
    if !isOptional, nameToken.kind != .quotedName, try take(.openParenthesis) {
      let arguments = try arguments()
      return try call(operand, field, arguments, start, nameRange: nameToken.range)
    }
    return node(.select(operand, field: field, isOptional ? .optional : .plain), start)
  }

  /// Reads arguments up to the closing parenthesis.
  mutating func arguments() throws(ExpressionError) -> [Syntax] {
    var arguments: [Syntax] = []
    if try take(.closeParenthesis) { return arguments }
    repeat { arguments.append(try expression()) } while try take(.comma)
    try expect(.closeParenthesis, "',' or ')'")
    return arguments
  }

  /// A call, or what the macro of that name makes of it.
  mutating func call(
    _ target: Syntax?,
    _ function: String,
    _ arguments: [Syntax],
    _ start: Int,
    nameRange: Range<Int>
  ) throws(ExpressionError) -> Syntax {
    if expandsMacros, let kind = try Macro.expand(target, function, arguments, nameRange) {
      return node(kind, start)
    }
    return node(.call(target: target, function: function, arguments), start)
  }
}

extension Parser {
  /// Makes a part that ends where the last token ended.
  func node(_ kind: Syntax.Kind, _ start: Int) -> Syntax {
    Syntax(kind: kind, range: start..<max(start, lastEnd))
  }

  mutating func advance() throws(ExpressionError) {
    lastEnd = token.range.upperBound
    token = try lexer.next()
  }

  /// Takes a mark if it is the next token.
  mutating func take(_ mark: Token.StaticMark) throws(ExpressionError) -> Bool {
    guard token.kind == .mark(mark) else { return false }
    try advance()
    return true
  }

  mutating func expect(_ mark: Token.StaticMark, _ what: String) throws(ExpressionError) {
    guard token.kind == .mark(mark) else { throw unexpected(what) }
    try advance()
  }

  mutating func takeOperator(
    _ names: [Token.StaticMark: String]
  ) throws(ExpressionError) -> String? {
    guard case .mark(let mark) = token.kind, let name = names[mark] else { return nil }
    try advance()
    return name
  }

  func checkDepth(_ depth: Int) throws(ExpressionError) {
    guard depth > Self.maximumDepth else { return }
    throw ExpressionError(.limit, "the expression nests deeper than \(Self.maximumDepth)", at: token.range)
  }

  /// The text of a name, without backquotes.
  func name(of token: Token) -> String {
    let range =
      token.kind == .quotedName ? token.range.lowerBound + 1..<token.range.upperBound - 1 : token.range
    return String(decoding: text[range], as: UTF8.self)
  }

  func unexpected(_ what: String) -> ExpressionError {
    let word = String(decoding: text[token.range], as: UTF8.self)
    let found = token.kind == .end ? "the end" : "'\(word)'"
    return ExpressionError(.syntax, "\(what) was expected, not \(found)", at: token.range)
  }
}
