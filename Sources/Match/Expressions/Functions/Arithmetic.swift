// SPDX-License-Identifier: Apache-2.0

import EventModel

/// `+ - * / %` and the minus sign: within one type, and never beyond its limits ("Overflow").
enum Arithmetic {
  static func negated(_ value: Value) throws(EvaluationError) -> Value {
    switch value {
    case .int(let number):
      let (result, overflows) = (0 as Int64).subtractingReportingOverflow(number)
      if overflows { throw overflow("int") }
      return .int(result)
    case .double(let number): return .double(-number)
    default: throw .noOverload("-", value)
    }
  }

  static func sum(_ left: Value, _ right: Value) throws(EvaluationError) -> Value {
    switch (left, right) {
    case (.int(let left), .int(let right)): return .int(try exact(left.addingReportingOverflow(right)))
    case (.uint(let left), .uint(let right)): return .uint(try exact(left.addingReportingOverflow(right)))
    case (.double(let left), .double(let right)): return .double(left + right)
    case (.string(let left), .string(let right)): return .string(joined(left, right))
    case (.bytes(let left), .bytes(let right)): return .bytes(joined(left, right))
    case (.timestamp(let instant), .duration(let span)), (.duration(let span), .timestamp(let instant)):
      return .timestamp(try inRange(instant.advanced(by: span)))
    case (.duration(let left), .duration(let right)): return .duration(try inRange(left + right))
    default:
      guard let elements = left.listElements, let others = right.listElements else {
        throw .noOverload("+", left, right)
      }
      return .list(elements + others)
    }
  }

  private static func joined(_ left: Text, _ right: Text) -> Text {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(left.count + right.count)
    bytes.append(contentsOf: left.slice)
    bytes.append(contentsOf: right.slice)
    return Text(bytes)
  }

  static func difference(_ left: Value, _ right: Value) throws(EvaluationError) -> Value {
    switch (left, right) {
    case (.int(let left), .int(let right)): return .int(try exact(left.subtractingReportingOverflow(right)))
    case (.uint(let left), .uint(let right)):
      return .uint(try exact(left.subtractingReportingOverflow(right)))
    case (.double(let left), .double(let right)): return .double(left - right)
    case (.timestamp(let instant), .duration(let span)):
      return .timestamp(try inRange(instant.advanced(by: span, isBackwards: true)))
    case (.timestamp(let left), .timestamp(let right)):
      let nanoseconds = Int64(left.nanoseconds) - Int64(right.nanoseconds)
      return .duration(
        try inRange(DurationValue(seconds: left.seconds - right.seconds, nanoseconds: nanoseconds))
      )
    case (.duration(let left), .duration(let right)): return .duration(try inRange(left - right))
    default: throw .noOverload("-", left, right)
    }
  }

  static func product(_ left: Value, _ right: Value) throws(EvaluationError) -> Value {
    switch (left, right) {
    case (.int(let left), .int(let right)):
      return .int(try exact(left.multipliedReportingOverflow(by: right)))
    case (.uint(let left), .uint(let right)):
      return .uint(try exact(left.multipliedReportingOverflow(by: right)))
    case (.double(let left), .double(let right)): return .double(left * right)
    default: throw .noOverload("*", left, right)
    }
  }

  static func quotient(_ left: Value, _ right: Value) throws(EvaluationError) -> Value {
    switch (left, right) {
    case (.int(let left), .int(let right)):
      try demandDivisor(right != 0)
      return .int(try exact(left.dividedReportingOverflow(by: right)))
    case (.uint(let left), .uint(let right)):
      try demandDivisor(right != 0)
      return .uint(left / right)
    case (.double(let left), .double(let right)): return .double(left / right)
    default: throw .noOverload("/", left, right)
    }
  }

  static func remainder(_ left: Value, _ right: Value) throws(EvaluationError) -> Value {
    switch (left, right) {
    case (.int(let left), .int(let right)):
      try demandDivisor(right != 0)
      return .int(try exact(left.remainderReportingOverflow(dividingBy: right)))
    case (.uint(let left), .uint(let right)):
      try demandDivisor(right != 0)
      return .uint(left % right)
    default: throw .noOverload("%", left, right)
    }
  }

  private static func demandDivisor(_ isThere: Bool) throws(EvaluationError) {
    if !isThere { throw EvaluationError(.division, "division by zero") }
  }

  private static func exact<Number>(_ result: (Number, overflow: Bool)) throws(EvaluationError) -> Number {
    if result.overflow { throw overflow("\(Number.self)".hasPrefix("U") ? "uint" : "int") }
    return result.0
  }

  private static func overflow(_ type: String) -> EvaluationError {
    EvaluationError(.overflow, "the result does not fit \(type == "int" ? "an" : "a") \(type) of 64 bits")
  }

  static func inRange<Result>(_ result: Result?) throws(EvaluationError) -> Result {
    guard let result else {
      throw EvaluationError(.overflow, "the result lies outside of the range of its type")
    }
    return result
  }
}

extension FunctionTable {
  private static let numbers: [Function.Signature] = [
    .init([.int, .int], .int), .init([.uint, .uint], .uint), .init([.double, .double], .double),
  ]

  static let arithmetic: [Function] = [
    .binary(
      "_+_",
      numbers + [
        .init([.string, .string], .string), .init([.bytes, .bytes], .bytes),
        .init([.timestamp, .duration], .timestamp), .init([.duration, .timestamp], .timestamp),
        .init([.duration, .duration], .duration),
        .init([.list(.parameter("A")), .list(.parameter("A"))], .list(.parameter("A"))),
      ],
      Arithmetic.sum
    ),
    .binary(
      "_-_",
      numbers + [
        .init([.timestamp, .timestamp], .duration), .init([.timestamp, .duration], .timestamp),
        .init([.duration, .duration], .duration),
      ],
      Arithmetic.difference
    ),
    .binary("_*_", numbers, Arithmetic.product), .binary("_/_", numbers, Arithmetic.quotient),
    .binary("_%_", Array(numbers.dropLast()), Arithmetic.remainder),
  ]

  private static let comparable: [ExpressionType] = [
    .bool, .int, .uint, .double, .string, .bytes, .timestamp, .duration,
  ]
  private static let numeric: [ExpressionType] = [.int, .uint, .double]

  /// Declared for the checker; evaluation has instructions for these.
  static let operators: [Function] =
    ["_<_", "_<=_", "_>_", "_>=_"].map { name in
      let same = comparable.map { Function.Signature([$0, $0], .bool) }
      let mixed = numeric.flatMap { left in
        numeric.filter { $0 != left }.map { Function.Signature([left, $0], .bool) }
      }
      return Function(name, same + mixed, .none)
    } + [
      Function("_==_", [.init([.parameter("A"), .parameter("A")], .bool)], .none),
      Function("_!=_", [.init([.parameter("A"), .parameter("A")], .bool)], .none),
      Function("!_", [.init([.bool], .bool)], .none),
      Function("-_", [.init([.int], .int), .init([.double], .double)], .none),
      Function(
        "@in",
        [
          .init([.parameter("A"), .list(.parameter("A"))], .bool),
          .init([.parameter("A"), .map(.parameter("A"), .parameter("B"))], .bool),
        ],
        .none
      ),
      Function("_[_]", access { $0 }, .none), Function("_[?_]", access(ExpressionType.optional), .none),
    ]

  /// Access to elements, also of what an optional holds, whose result is an optional, too.
  private static func access(_ result: (ExpressionType) -> ExpressionType) -> [Function.Signature] {
    let (key, value) = (ExpressionType.parameter("K"), ExpressionType.parameter("V"))
    return [
      .init([.list(value), .int], result(value)), .init([.map(key, value), key], result(value)),
      .init([.optional(.list(value)), .int], .optional(value)),
      .init([.optional(.map(key, value)), key], .optional(value)),
    ]
  }
}
