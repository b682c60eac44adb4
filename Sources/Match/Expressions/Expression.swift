// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// An expression of the Common Expression Language, read, checked and compiled.
///
/// Never changes; safe to evaluate from any number of threads.
public struct Expression: Sendable {
  /// What one evaluation may cost, in units of about one operation.
  public static let budget = 100_000

  /// The expression as it was written.
  public let text: String
  /// The type of its value.
  public let type: ExpressionType
  let syntax: Syntax
  let environment: ExpressionEnvironment
  let program: Program

  /// Reads an expression; every mistake in it is told.
  ///
  /// - Parameter expected: the type that the value must have, if only one will do.
  public init(
    _ text: String,
    in environment: ExpressionEnvironment,
    as expected: ExpressionType? = nil
  ) throws(ExpressionErrors) {
    self.text = text
    self.environment = environment
    do throws(ExpressionError) { syntax = try Parser.parse(text) } catch { throw ExpressionErrors([error]) }
    var checker = TypeChecker(environment)
    if let expected {
      checker.check(syntax, is: expected)
      type = expected
    } else {
      type = checker.check(syntax)
    }
    var errors = checker.errors
    if let error = CostEstimate(syntax).error(within: Self.budget) { errors.append(error) }
    guard errors.isEmpty else {
      throw ExpressionErrors(errors.sorted { $0.range.lowerBound < $1.range.lowerBound })
    }
    program = try ProgramBuilder.program(of: syntax, in: environment)
  }

  func value(_ variables: Variables) throws(EvaluationError) -> Value {
    var evaluator = Evaluator(program, variables: variables, budget: Self.budget)
    do throws(EvaluationError) { return try evaluator.result() } catch { throw naming(error) }
  }

  /// The error with the part of the expression that it is about.
  func naming(_ error: EvaluationError) -> EvaluationError {
    var error = error.at(syntax.range)
    if let range = error.range { error.part = String(decoding: Array(text.utf8)[range], as: UTF8.self) }
    return error
  }
}

extension Expression {
  /// Whether the value depends on the event.
  public var readsEvent: Bool { program.reads(variable: ExpressionEnvironment.eventSlot) || readsEvents }

  /// Whether the value depends on the list of all events that the rule reacts to.
  public var readsEvents: Bool { program.reads(variable: ExpressionEnvironment.eventsSlot) }

  /// Whether the value depends on the states of things.
  public var readsStates: Bool {
    environment.variables.count > ExpressionEnvironment.statesSlot
      && program.reads(variable: ExpressionEnvironment.statesSlot)
  }

  /// The value as JSON; what stands in an event is passed on as it was written.
  public func json(in scope: Scope) throws(EvaluationError) -> JSONValue {
    if let (content, index) = program.referred(scope.variables) { return content.json(at: index) }
    let value = try value(scope.variables)
    guard let json = value.json else {
      throw naming(
        EvaluationError(.argument, "\(value.shortText) cannot be passed on, since JSON cannot say it")
      )
    }
    return json
  }

  /// The value as a part of a text: a string itself, all else as people write it.
  public func text(in scope: Scope) throws(EvaluationError) -> [UInt8] {
    let value = try value(scope.variables)
    if case .string(let text) = value { return text.array }
    return Array(value.plainText.utf8)
  }

  /// Whether a condition holds.
  public func holds(in scope: Scope) throws(EvaluationError) -> Bool {
    var evaluator = Evaluator(program, variables: scope.variables, budget: Self.budget)
    let value: Value
    do throws(EvaluationError) { value = try evaluator.result() } catch { throw naming(error) }
    guard case .bool(let holds) = value else {
      throw naming(EvaluationError(.overload, "the condition is a \(value.type.name), not true or false"))
    }
    return holds
  }
}
