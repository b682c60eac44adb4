// SPDX-License-Identifier: Apache-2.0

extension FunctionTable {
  /// What every expression can call: CEL's own functions and those of its extensions.
  static let standard = FunctionTable(
    operators + arithmetic + basics + conversions + times + strings + formatting + math + lists + sets
      + encoders
      + optionals + network + regexes + own
  )

  private static let any = ExpressionType.parameter("A")

  /// Functions of the definition's standard environment that fit no other group.
  static let basics: [Function] = [
    .unary("size", sizes) { (value) throws(EvaluationError) in try size(value) },
    .unary("size", sizes, isMember: true) { (value) throws(EvaluationError) in try size(value) },
    .unary("type", [.init([any], .type(any))]) { .type($0.type) },
    .unary("dyn", [.init([any], .dyn)]) { $0 },
    text("contains") { $0.firstOffset(of: $1) != nil },
    text("startsWith") { $0.hasPrefix($1) },
    text("endsWith") { $0.hasSuffix($1) },
    .binary("matches", [.init([.string, .string], .bool)], matches),
    .binary("matches", [.init([.string, .string], .bool)], isMember: true, matches),
  ]

  private static let sizes: [Function.Signature] = [
    .init([.string], .int), .init([.bytes], .int), .init([.list(any)], .int),
    .init([.map(any, .parameter("B"))], .int),
  ]

  private static func size(_ value: Value) throws(EvaluationError) -> Value {
    guard let size = value.size else { throw .noOverload("size", value) }
    return .int(Int64(size))
  }

  private static func text(_ name: String, _ test: @escaping @Sendable (Text, Text) -> Bool) -> Function {
    .binary(name, [.init([.string, .string], .bool)], isMember: true) {
      (left, right) throws(EvaluationError) in
      guard case (.string(let text), .string(let other)) = (left, right) else {
        throw .noOverload(name, left, right)
      }
      return .bool(test(text, other))
    }
  }

  @Sendable
  private static func matches(_ text: Value, _ pattern: Value) throws(EvaluationError) -> Value {
    guard case (.string(let text), .string(let pattern)) = (text, pattern) else {
      throw .noOverload("matches", text, pattern)
    }
    return .bool(try RegularExpression(pattern).matches(text))
  }
}
