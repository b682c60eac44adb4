// SPDX-License-Identifier: Apache-2.0

import EventModel

/// Values that may be missing (cel-spec, doc/extensions; cel-go, cel/library.go), and base64.
extension FunctionTable {
  private static let wrapped = ExpressionType.parameter("T")
  private static let optional = ExpressionType.optional(wrapped)

  static let optionals: [Function] = [
    .global("optional.none", [], optional) { _ in .optional(.none) },
    .unary("optional.of", [.init([wrapped], optional)]) { .optional(OptionalValue($0)) },
    .unary("optional.ofNonZeroValue", [.init([wrapped], optional)]) {
      .optional($0.isZero ? .none : OptionalValue($0))
    },
    .global("optional.unwrap", [.list(optional)], .list(wrapped)) { (values) throws(EvaluationError) in
      try unwrapped("optional.unwrap", values)
    },
    .method("unwrapOpt", [.list(optional)], .list(wrapped)) { (values) throws(EvaluationError) in
      try unwrapped("unwrapOpt", values)
    },
    .method("hasValue", [optional], .bool) { (values) throws(EvaluationError) in
      .bool(try Arguments("hasValue", values).optional(0).value != nil)
    },
    .method("value", [optional], wrapped) { (values) throws(EvaluationError) in
      guard let value = try Arguments("value", values).optional(0).value else {
        throw EvaluationError(.missing, "the optional is empty")
      }
      return value
    },
    .method("or", [optional, optional], optional) { (values) throws(EvaluationError) in
      let arguments = Arguments("or", values)
      let (first, second) = (try arguments.optional(0), try arguments.optional(1))
      return .optional(first.value == nil ? second : first)
    },
    .method("orValue", [optional, wrapped], wrapped) { (values) throws(EvaluationError) in
      try Arguments("orValue", values).optional(0).value ?? values[1]
    },
  ]

  private static func unwrapped(_ name: String, _ values: [Value]) throws(EvaluationError) -> Value {
    var result: [Value] = []
    for element in try Arguments(name, values).list(0) {
      guard case .optional(let optional) = element else { throw .noOverload(name, element) }
      if let value = optional.value { result.append(value) }
    }
    return .list(result)
  }

  static let encoders: [Function] = [
    .unary("base64.encode", [.init([.bytes], .string)]) { (value) throws(EvaluationError) in
      guard case .bytes(let bytes) = value else { throw .noOverload("base64.encode", value) }
      return .text(Base64.encode(bytes))
    },
    .unary("base64.decode", [.init([.string], .bytes)]) { (value) throws(EvaluationError) in
      guard case .string(let text) = value else { throw .noOverload("base64.decode", value) }
      guard let bytes = Base64.decode(text) else {
        throw EvaluationError(.argument, "\(value.shortText) is not base64")
      }
      return .bytes(Text(bytes))
    },
  ]
}

extension Value {
  /// Whether the value is what its type begins with: zero, empty, false or null.
  fileprivate var isZero: Bool {
    switch self {
    case .null: true
    case .bool(let value): !value
    case .int(let number): number == 0
    case .uint(let number): number == 0
    case .double(let number): number == 0
    case .string(let text), .bytes(let text): text.isEmpty
    case .list, .map, .json: size == 0
    case .timestamp(let instant): instant.seconds == 0 && instant.nanoseconds == 0
    case .duration(let span): span.seconds == 0 && span.nanoseconds == 0
    case .optional(let optional): optional.value == nil
    case .type, .address, .network: false
    }
  }
}
