// SPDX-License-Identifier: Apache-2.0

import Diagnostics

/// Finds the type of each part of an expression, and what does not go together ("Gradual Type Checking").
///
/// Goes on after a mistake with `dyn`, so that one pass tells of all of them.
struct TypeChecker {
  let environment: ExpressionEnvironment
  private(set) var errors: [ExpressionError] = []
  var unifier = TypeUnifier()
  var locals = LocalScope<ExpressionType>()
  private var lastParameter = 0

  init(_ environment: ExpressionEnvironment) { self.environment = environment }

  /// The type of a whole expression.
  mutating func check(_ syntax: Syntax) -> ExpressionType {
    let type = type(of: syntax)
    return unifier.resolved(type, isFinal: true)
  }

  /// Demands a type of a whole expression.
  mutating func check(_ syntax: Syntax, is expected: ExpressionType) {
    let found = type(of: syntax)
    if !unifier.assign(found, to: expected) {
      report(.type, "a \(expected) was expected here, and this is a \(text(found))", at: syntax.range)
    }
  }

  mutating func report(
    _ code: ExpressionError.Code,
    _ message: String,
    at range: Range<Int>,
    help: String? = nil
  ) {
    errors.append(ExpressionError(code, message, at: range, help: help))
  }

  /// A type as messages show it.
  func text(_ type: ExpressionType) -> String { unifier.resolved(type, isFinal: true).description }

  mutating func type(of syntax: Syntax) -> ExpressionType {
    switch syntax.kind {
    case .literal(let value): return Self.type(of: value)
    case .name(let name, let isAbsolute): return typeOfName(name, isAbsolute, syntax)
    case .select(let operand, let field, let selection):
      return typeOfSelection(operand, field, selection, syntax)
    case .index(let operand, let index, let isOptional):
      return call(isOptional ? "_[?_]" : "_[_]", isMember: false, [operand, index], syntax)
    case .call(let target, let function, let arguments):
      return typeOfCall(target, function, arguments, syntax)
    case .logical(_, let parts):
      for part in parts { check(part, is: .bool) }
      return .bool
    case .conditional(let condition, let first, let second):
      check(condition, is: .bool)
      return typeOfOutcomes(first, second)
    case .list(let elements): return typeOfList(elements)
    case .map(let entries): return typeOfMap(entries)
    case .message(let name):
      report(
        .unknownName,
        "there are no messages such as '\(name){…}' here",
        at: syntax.range,
        help: "write a map"
      )
      return .dyn
    case .comprehension(let comprehension): return typeOfWalk(comprehension)
    case .bind(let name, let value, let body):
      locals.push(name, type(of: value))
      defer { locals.pop() }
      return type(of: body)
    case .optionalMap(let target, let name, let body, let isFlat):
      return typeOfOptionalMap(target, name, body, isFlat)
    }
  }

  private static func type(of literal: Value) -> ExpressionType {
    switch literal {
    case .bool: .bool
    case .int: .int
    case .uint: .uint
    case .double: .double
    case .string: .string
    case .bytes: .bytes
    case .null: .null
    default: .dyn
    }
  }

  private mutating func typeOfName(_ name: String, _ isAbsolute: Bool, _ syntax: Syntax) -> ExpressionType {
    if !isAbsolute, let type = locals.find(name) { return type }
    switch environment.meaning(of: name, isAbsolute: isAbsolute) {
    case .variable(let slot)?: return environment.variables[slot].type
    case .type(_, let type)?: return .type(type)
    case nil:
      if name == ExpressionEnvironment.secrets {
        report(.unknownName, "secrets are only for the parameters of 'uses'", at: syntax.range)
        return .dyn
      }
      if name == ExpressionEnvironment.states {
        report(.unknownName, "states are looked up in the conditions of rules only", at: syntax.range)
        return .dyn
      }
      let known = locals.names + environment.variables.map(\.name)
      report(
        .unknownName,
        "'\(name)' names nothing here",
        at: syntax.range,
        help: Suggestion.help(for: name, among: known)
      )
      return .dyn
    }
  }

  private mutating func typeOfCall(
    _ target: Syntax?,
    _ function: String,
    _ arguments: [Syntax],
    _ syntax: Syntax
  ) -> ExpressionType {
    guard let target else { return call(function, isMember: false, arguments, syntax) }
    if let name = namespacedFunction(target, function, arguments.count) {
      return call(name, isMember: false, arguments, syntax)
    }
    return call(function, isMember: true, [target] + arguments, syntax)
  }

  /// The name of a function such as `math.abs`, whose target is no value.
  private func namespacedFunction(_ target: Syntax, _ function: String, _ arity: Int) -> String? {
    guard let (name, first, isAbsolute) = target.qualifiedName, isAbsolute || locals.find(first) == nil else {
      return nil
    }
    let full = (isAbsolute ? "." : "") + name + "." + function
    return environment.function(full, isMember: false, arity: arity) == nil ? nil : full
  }

  /// The type of a call, by the first signatures that the arguments agree with.
  mutating func call(
    _ name: String,
    isMember: Bool,
    _ arguments: [Syntax],
    _ syntax: Syntax
  ) -> ExpressionType {
    let types = arguments.map { type(of: $0) }
    guard let function = environment.function(name, isMember: isMember, arity: arguments.count) else {
      reportUnknownFunction(name, isMember, types, syntax)
      return .dyn
    }
    var result: ExpressionType?
    for signature in function.signatures {
      let fresh = instance(of: signature)
      guard unifier.assign(types, to: fresh.parameters) else { continue }
      let type = unifier.resolved(fresh.result)
      if let known = result, known != type { return .dyn }
      result = type
    }
    if let result { return result }
    reportMismatch(function, types, arguments, syntax)
    return .dyn
  }

  /// A signature whose type parameters are its own.
  private mutating func instance(of signature: Function.Signature) -> Function.Signature {
    lastParameter += 1
    let number = lastParameter
    func renamed(_ type: ExpressionType) -> ExpressionType {
      if case .parameter(let name) = type { return .parameter("\(name)#\(number)") }
      return type.replacing(renamed)
    }
    return Function.Signature(signature.parameters.map(renamed), renamed(signature.result))
  }

  mutating func freshParameter() -> ExpressionType {
    lastParameter += 1
    return .parameter("T#\(lastParameter)")
  }

  private mutating func typeOfOutcomes(_ first: Syntax, _ second: Syntax) -> ExpressionType {
    let (left, right) = (type(of: first), type(of: second))
    if let common = common(left, right) { return common }
    report(
      .type,
      "one outcome is a \(text(left)) and the other one a \(text(right))",
      at: second.range,
      help: "if that is meant, write dyn(…) around one of them"
    )
    return .dyn
  }

  /// The type of two values in one place, which is `dyn` when they have little in common.
  mutating func joined(_ left: ExpressionType, _ right: ExpressionType) -> ExpressionType {
    common(left, right) ?? .dyn
  }

  private mutating func common(_ left: ExpressionType, _ right: ExpressionType) -> ExpressionType? {
    guard unifier.assign(left, to: right) else { return nil }
    if left == .null { return right }
    if right == .null { return left }
    return TypeUnifier.mostGeneral(unifier.resolved(left), unifier.resolved(right))
  }
}
