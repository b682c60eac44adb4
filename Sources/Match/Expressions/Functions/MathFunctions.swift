// SPDX-License-Identifier: Apache-2.0

/// The math extension (cel-spec, doc/extensions; cel-go, ext/math.go).
extension FunctionTable {
  static let math: [Function] =
    extremes("math.greatest", .after) + extremes("math.least", .before) + bits + [
      rounding("math.ceil", .up), rounding("math.floor", .down), rounding("math.trunc", .towardZero),
      rounding("math.round", .toNearestOrAwayFromZero),
      .unary("math.abs", sameNumber, absolute), .unary("math.sign", sameNumber, sign),
      .unary("math.sqrt", [.init([.double], .double), .init([.int], .double), .init([.uint], .double)]) {
        (value) throws(EvaluationError) in
        guard case .double(let number) = try Conversion.double(value), !value.isText else {
          throw .noOverload("math.sqrt", value)
        }
        return .double(number.squareRoot())
      },
      test("math.isInf") { $0.isInfinite }, test("math.isNaN") { $0.isNaN },
      test("math.isFinite") { $0.isFinite },
    ]

  private static let sameNumber: [Function.Signature] = [
    .init([.double], .double), .init([.int], .int), .init([.uint], .uint),
  ]

  private static func rounding(_ name: String, _ rule: FloatingPointRoundingRule) -> Function {
    .unary(name, [.init([.double], .double)]) { (value) throws(EvaluationError) in
      guard case .double(let number) = value else { throw .noOverload(name, value) }
      return .double(number.rounded(rule))
    }
  }

  private static func test(_ name: String, _ body: @escaping @Sendable (Double) -> Bool) -> Function {
    .unary(name, [.init([.double], .bool)]) { (value) throws(EvaluationError) in
      guard case .double(let number) = value else { throw .noOverload(name, value) }
      return .bool(body(number))
    }
  }

  @Sendable
  private static func absolute(_ value: Value) throws(EvaluationError) -> Value {
    switch value {
    case .double(let number): return .double(number.magnitude)
    case .int(let number): return number < 0 ? try Arithmetic.negated(value) : value
    case .uint: return value
    default: throw .noOverload("math.abs", value)
    }
  }

  @Sendable
  private static func sign(_ value: Value) throws(EvaluationError) -> Value {
    switch value {
    case .double(let number): return .double(number.isNaN ? number : number == 0 ? 0 : number < 0 ? -1 : 1)
    case .int(let number): return .int(number.signum())
    case .uint(let number): return .uint(number == 0 ? 0 : 1)
    default: throw .noOverload("math.sign", value)
    }
  }

  // MARK: Greatest and least

  /// The most arguments that `math.greatest` and `math.least` take one by one.
  private static let argumentLimit = 32

  private static func extremes(_ name: String, _ order: Value.Order) -> [Function] {
    let numbers: [ExpressionType] = [.int, .uint, .double]
    let single = numbers.flatMap { [Function.Signature([$0], $0), Function.Signature([.list($0)], $0)] }
    let one = Function.unary(name, single) { (value) throws(EvaluationError) in
      try extreme(name, value.listElements ?? [value], order)
    }
    let several = (2...argumentLimit).map { count in
      let same = numbers.map { Function.Signature([ExpressionType](repeating: $0, count: count), $0) }
      let mixed = Function.Signature((0..<count).map { _ in .dyn }, .dyn)
      return Function(
        name,
        same + [mixed],
        .many { (values) throws(EvaluationError) in try extreme(name, values, order) }
      )
    }
    return [one] + several
  }

  private static func extreme(_ name: String, _ values: [Value], _ wanted: Value.Order)
    throws(EvaluationError) -> Value
  {
    guard var best = values.first else {
      throw EvaluationError(.argument, "'\(name)' needs at least one number")
    }
    for value in values {
      guard let order = Value.order(ofNumbers: value, best) else { throw .noOverload(name, value) }
      if order == wanted { best = value }
    }
    return best
  }

  // MARK: Bits

  private static let bits: [Function] = [
    combination("math.bitAnd", { $0 & $1 }), combination("math.bitOr", { $0 | $1 }),
    combination("math.bitXor", { $0 ^ $1 }),
    .unary("math.bitNot", [.init([.int], .int), .init([.uint], .uint)]) { (value) throws(EvaluationError) in
      switch value {
      case .int(let number): return .int(~number)
      case .uint(let number): return .uint(~number)
      default: throw .noOverload("math.bitNot", value)
      }
    },
    shift("math.bitShiftLeft") { $0 << $1 }, shift("math.bitShiftRight") { $0 >> $1 },
  ]

  private static func combination(
    _ name: String,
    _ body: @escaping @Sendable (UInt64, UInt64) -> UInt64
  ) -> Function {
    .binary(name, [.init([.int, .int], .int), .init([.uint, .uint], .uint)]) {
      (left, right) throws(EvaluationError) in
      switch (left, right) {
      case (.int(let left), .int(let right)):
        return .int(Int64(bitPattern: body(UInt64(bitPattern: left), UInt64(bitPattern: right))))
      case (.uint(let left), .uint(let right)): return .uint(body(left, right))
      default: throw .noOverload(name, left, right)
      }
    }
  }

  /// Shifts fill up with zeros, whatever the sign, and shift everything out from 64 on.
  private static func shift(_ name: String, _ body: @escaping @Sendable (UInt64, Int64) -> UInt64) -> Function
  {
    .binary(name, [.init([.int, .int], .int), .init([.uint, .int], .uint)]) {
      (value, count) throws(EvaluationError) in
      guard case .int(let places) = count else { throw .noOverload(name, value, count) }
      guard places >= 0 else {
        throw EvaluationError(.argument, "'\(name)' cannot shift by \(places) places")
      }
      switch value {
      case .int(let number): return .int(Int64(bitPattern: body(UInt64(bitPattern: number), places)))
      case .uint(let number): return .uint(body(number, places))
      default: throw .noOverload(name, value, count)
      }
    }
  }
}

extension Value {
  fileprivate var isText: Bool { if case .string = self { true } else { false } }
}
