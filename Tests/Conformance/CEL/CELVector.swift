// SPDX-License-Identifier: Apache-2.0

import EventModel

@testable import Expressions

/// One vector: an expression, what it may speak of, and what must come of it.
struct CELVector {
  private let view: JSONView

  init(_ view: JSONView) { self.view = view }

  private var text: String { view["expr"]?.string ?? "" }
  private func flag(_ name: String) -> Bool { view[name]?.bool ?? false }

  /// What is wrong with the outcome; nil when it is as expected.
  var problem: String? {
    guard let expect = view["expect"] else { return "nothing is expected" }
    if let type = expect["deduced_type"]?.string {
      if let problem = problem(ofType: type) { return problem }
      if flag("check_only") { return nil }
    }
    let outcome = outcome
    if let value = expect["value"] {
      guard case .success(let found) = outcome else { return "\(outcome) instead of a value" }
      let expected = CELValue.value(value)
      return CELValue.areIdentical(found, expected)
        ? nil : "gave \(found.shortText), not \(expected.shortText)"
    }
    if case .success(let found) = outcome { return "gave \(found.shortText) instead of an error" }
    return nil
  }

  private func problem(ofType expected: String) -> String? {
    do {
      var checker = TypeChecker(environment)
      let type = checker.check(try syntax)
      if let error = checker.errors.first { return "\(error)" }
      return type == CELType.type(expected) ? nil : "is of type \(type), not \(expected)"
    } catch {
      return "\(error)"
    }
  }

  private var syntax: Syntax {
    get throws(ExpressionError) { try Parser.parse(text, expandsMacros: !flag("disable_macros")) }
  }

  private var outcome: Result<Value, any Error> {
    Result {
      let syntax = try syntax
      let environment = environment
      if !flag("disable_check") {
        var checker = TypeChecker(environment)
        _ = checker.check(syntax)
        if let error = checker.errors.first { throw error }
      }
      let program = try ProgramBuilder.program(of: syntax, in: environment)
      var evaluator = Evaluator(program, variables: Variables(values), budget: Expression.budget)
      return try evaluator.result()
    }
  }

  private var bindings: [(key: String, value: JSONView)] { view["bindings"]?.members ?? [] }

  private var environment: ExpressionEnvironment {
    var variables: [ExpressionEnvironment.Variable] = bindings.map { name, _ in
      let declared = view["type_env"]?.elements.first { $0["ident"]?.string == name }
      return .init(name, CELType.type(declared?["type"]?.string ?? "dyn"))
    }
    for declared in view["type_env"]?.elements ?? [] {
      guard let name = declared["ident"]?.string, !variables.contains(where: { $0.name == name }) else {
        continue
      }
      variables.append(.init(name, CELType.type(declared["type"]?.string ?? "dyn")))
    }
    var functions = FunctionTable.standard
    for declared in view["type_env"]?.elements ?? [] {
      guard let name = declared["function"]?.string else { continue }
      for overload in declared["overloads"]?.elements ?? [] {
        let parameters = overload["params"]?.elements.map { CELType.type($0.string ?? "dyn") } ?? []
        let result = CELType.type(overload["result"]?.string ?? "dyn")
        let isMember = overload["member"]?.bool ?? false
        functions.add(Function(name, isMember: isMember, [.init(parameters, result)], .none))
      }
    }
    return ExpressionEnvironment(
      variables: variables,
      container: view["container"]?.string ?? "",
      functions: functions
    )
  }

  private var values: [Value] {
    environment.variables.map { variable in
      bindings.first { $0.key == variable.name }.map { CELValue.value($0.value) } ?? .null
    }
  }
}
