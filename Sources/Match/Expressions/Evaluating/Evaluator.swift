// SPDX-License-Identifier: Apache-2.0

/// Evaluates a program for one set of variables ("Evaluation" in CEL's definition).
///
/// Each instruction costs one unit, and what walks over or copies texts and lists costs more; a budget bounds the
/// whole, so that no expression can hold up the host.
struct Evaluator {
  let program: Program
  let variables: Variables
  var locals: [Value]
  private(set) var budget: Int

  init(_ program: Program, variables: Variables, budget: Int) {
    self.program = program
    self.variables = variables
    self.budget = budget
    locals = program.locals == 0 ? [] : [Value](repeating: .null, count: program.locals)
  }

  /// The value of the whole expression.
  mutating func result() throws(EvaluationError) -> Value { try value(program.root) }

  mutating func spend(_ cost: Int) throws(EvaluationError) {
    budget -= cost
    if budget < 0 { throw EvaluationError(.cost, "the expression costs more than it may") }
  }

  mutating func value(_ number: Int) throws(EvaluationError) -> Value {
    let instruction = program.instructions[number]
    try spend(1)
    switch instruction.operation {
    case .constant: return program.constants[Int(instruction.a)]
    case .path: return try path(instruction, number)
    case .variable: return variables.values[Int(instruction.a)]
    case .local: return locals[Int(instruction.a)]
    case .failure: throw program.failures[Int(instruction.a)]
    case .and: return try logical(instruction, stopsAt: false)
    case .or: return try logical(instruction, stopsAt: true)
    case .conditional:
      return try value(Int(try bool(Int(instruction.a)) ? instruction.b : instruction.c))
    case .not: return .bool(!(try bool(Int(instruction.a))))
    case .equal, .notEqual:
      let isEqual = Value.areEqual(try value(Int(instruction.a)), try value(Int(instruction.b)))
      return .bool(isEqual == (instruction.operation == .equal))
    case .pathIsText, .pathLiesToNumber: return .bool(try fused(instruction, number))
    case .less, .lessOrEqual, .greater, .greaterOrEqual: return .bool(try comparison(instruction, number))
    default: return try rarer(instruction, number)
    }
  }

  private mutating func rarer(_ instruction: Instruction, _ number: Int) throws(EvaluationError) -> Value {
    switch instruction.operation {
    case .select, .selectOptional, .selectTest: return try selection(instruction, number)
    case .index: return try element(instruction, number)
    case .indexOptional: return try optionalElement(instruction, number)
    case .negate: return try placed(number, Arithmetic.negated(try value(Int(instruction.a))))
    case .contained:
      let (element, list) = (try value(Int(instruction.a)), try value(Int(instruction.b)))
      try spend((list.size ?? 0) / 4)
      do throws(EvaluationError) { return .bool(try list.contains(element)) } catch {
        throw error.at(program.ranges[number])
      }
    case .containedInSet:
      guard case .string(let text) = try value(Int(instruction.a)) else { return .bool(false) }
      return .bool(program.sets[Int(instruction.b)].contains(text))
    case .matches: return try match(instruction, number)
    case .unary, .binary, .many: return try call(instruction, number)
    case .sum: return try sum(instruction, number)
    case .list: return try list(instruction)
    case .map: return try map(instruction, number)
    case .walk: return try walk(program.walks[Int(instruction.a)])
    case .bind:
      locals[Int(instruction.a)] = try value(Int(instruction.b))
      return try value(Int(instruction.c))
    case .optionalMap: return try optionalMap(instruction, number)
    default: preconditionFailure("all other operations are told apart before")
    }
  }

  /// A value that must be true or false.
  mutating func bool(_ number: Int) throws(EvaluationError) -> Bool {
    let found = try value(number)
    guard case .bool(let bool) = found else {
      throw EvaluationError(
        .overload,
        "true or false was expected, not a \(found.type.name)",
        at: program.ranges[number]
      )
    }
    return bool
  }

  /// One operand that decides is enough, wherever it stands and whatever fails before it.
  private mutating func logical(_ instruction: Instruction, stopsAt decisive: Bool) throws(EvaluationError)
    -> Value
  {
    var failure: EvaluationError?
    let start = Int(instruction.b)
    for place in start..<start + Int(instruction.c) {
      do throws(EvaluationError) {
        if try bool(Int(program.operands[place])) == decisive { return .bool(decisive) }
      } catch {
        if error.code == .cost { throw error }
        failure = failure ?? error
      }
    }
    if let failure { throw failure }
    return .bool(!decisive)
  }

  private mutating func comparison(_ instruction: Instruction, _ number: Int) throws(EvaluationError) -> Bool
  {
    let (left, right) = (try value(Int(instruction.a)), try value(Int(instruction.b)))
    do throws(EvaluationError) {
      return (try Value.order(left, right)).satisfies(instruction.operation)
    } catch {
      throw error.at(program.ranges[number])
    }
  }

  /// Puts the place of an instruction to an error of what it does.
  @inline(__always)
  func placed(
    _ number: Int,
    _ body: @autoclosure () throws(EvaluationError) -> Value
  ) throws(EvaluationError) -> Value {
    do throws(EvaluationError) { return try body() } catch { throw error.at(program.ranges[number]) }
  }
}
