// SPDX-License-Identifier: Apache-2.0

/// A function of the language: what it takes, what it yields, and how.
///
/// One declaration holds for all types that a function takes with one number of arguments. The checker chooses among
/// its signatures; the body looks at the values themselves, since events are of no known type.
struct Function: Sendable {
  /// The types of one way to call a function.
  struct Signature: Sendable {
    let parameters: [ExpressionType]
    let result: ExpressionType

    init(_ parameters: [ExpressionType], _ result: ExpressionType) {
      self.parameters = parameters
      self.result = result
    }
  }

  /// How a result comes about; the first argument is the one before the dot, if there is one.
  enum Body: Sendable {
    case unary(@Sendable (Value) throws(EvaluationError) -> Value)
    case binary(@Sendable (Value, Value) throws(EvaluationError) -> Value)
    case many(@Sendable ([Value]) throws(EvaluationError) -> Value)
    /// Known to the checker only.
    case none
  }

  let name: String
  /// Whether it is called as `value.name(…)`.
  let isMember: Bool
  let signatures: [Signature]
  let body: Body

  init(_ name: String, isMember: Bool = false, _ signatures: [Signature], _ body: Body) {
    self.name = name
    self.isMember = isMember
    self.signatures = signatures
    self.body = body
  }

  var arity: Int { signatures[0].parameters.count }
}

extension Function {
  /// A function of one value.
  static func unary(
    _ name: String,
    _ signatures: [Signature],
    isMember: Bool = false,
    _ body: @escaping @Sendable (Value) throws(EvaluationError) -> Value
  ) -> Function {
    Function(name, isMember: isMember, signatures, .unary(body))
  }

  /// A function of two values.
  static func binary(
    _ name: String,
    _ signatures: [Signature],
    isMember: Bool = false,
    _ body: @escaping @Sendable (Value, Value) throws(EvaluationError) -> Value
  ) -> Function {
    Function(name, isMember: isMember, signatures, .binary(body))
  }

  /// A method, called on its first argument.
  static func method(
    _ name: String,
    _ parameters: [ExpressionType],
    _ result: ExpressionType,
    _ body: @escaping @Sendable ([Value]) throws(EvaluationError) -> Value
  ) -> Function {
    Function(name, isMember: true, [Signature(parameters, result)], .many(body))
  }

  /// A function of any number of values.
  static func global(
    _ name: String,
    _ parameters: [ExpressionType],
    _ result: ExpressionType,
    _ body: @escaping @Sendable ([Value]) throws(EvaluationError) -> Value
  ) -> Function {
    Function(name, [Signature(parameters, result)], .many(body))
  }
}

/// The functions by which an expression can be called, found by name, manner and number of arguments.
struct FunctionTable: Sendable {
  private struct Key: Hashable {
    let name: String
    let isMember: Bool
    let arity: Int
  }

  private var functions: [Key: Function] = [:]
  private(set) var names: Set<String> = []

  init(_ functions: [Function]) {
    for function in functions { add(function) }
  }

  mutating func add(_ function: Function) {
    let key = Key(name: function.name, isMember: function.isMember, arity: function.arity)
    if let known = functions[key] {
      functions[key] = Function(
        known.name,
        isMember: known.isMember,
        known.signatures + function.signatures,
        known.body
      )
    } else {
      functions[key] = function
    }
    names.insert(function.name)
  }

  func find(_ name: String, isMember: Bool, arity: Int) -> Function? {
    functions[Key(name: name, isMember: isMember, arity: arity)]
  }
}
