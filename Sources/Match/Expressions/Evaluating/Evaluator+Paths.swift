// SPDX-License-Identifier: Apache-2.0

/// Paths into an event, followed on its tape without making values on the way.
extension Evaluator {
  /// The fields of a variable, one below the other.
  func path(_ instruction: Instruction, _ number: Int) throws(EvaluationError) -> Value {
    guard instruction.a == 0, let event = variables.event else {
      return try placed(number, try walkPath(from: variables.values[Int(instruction.a)], instruction))
    }
    return event.value(at: try place(instruction, in: event, number))
  }

  private func walkPath(from start: Value, _ instruction: Instruction) throws(EvaluationError) -> Value {
    var value = start
    for name in Int(instruction.b)..<Int(instruction.b + instruction.c) {
      value = try selected(value, program.names.text(name))
    }
    return value
  }

  /// The place on the event's tape to which a path leads.
  @inline(__always)
  private func place(_ path: Instruction, in event: JSONContent, _ number: Int) throws(EvaluationError) -> Int
  {
    var index = 0
    for name in Int(path.b)..<Int(path.b + path.c) {
      guard let next = event.member(name, of: program.names, in: index) else {
        throw EvaluationError(
          .missing,
          "there is no '\(program.names.text(name).string)'",
          at: program.ranges[number]
        )
      }
      index = next
    }
    return index
  }

  /// A comparison of a path with a constant.
  mutating func fused(_ instruction: Instruction, _ number: Int) throws(EvaluationError) -> Bool {
    let path = program.instructions[Int(instruction.a)]
    guard path.a == 0, let event = variables.event else { return try unfused(instruction, number) }
    let index = try place(path, in: event, Int(instruction.a))
    if instruction.operation == .pathIsText {
      let range = program.names.range(Int(instruction.b))
      return event.isText(at: index, program.names.bytes, range) == (instruction.c == 0)
    }
    guard case .double(let found) = event.value(at: index) else { return try unfused(instruction, number) }
    let constant = program.numbers[Int(instruction.b)]
    return switch Instruction.Operation(rawValue: UInt8(truncatingIfNeeded: instruction.c)) {
    case .equal: found == constant
    case .notEqual: found != constant
    case .less: found < constant
    case .lessOrEqual: found <= constant
    case .greater: found > constant
    default: found >= constant
    }
  }

  /// The same by way of values, for variables other than events and for values other than numbers.
  private mutating func unfused(_ instruction: Instruction, _ number: Int) throws(EvaluationError) -> Bool {
    let found = try value(Int(instruction.a))
    if instruction.operation == .pathIsText {
      let text = Value.string(program.names.text(Int(instruction.b)))
      return Value.areEqual(found, text) == (instruction.c == 0)
    }
    let constant = Value.double(program.numbers[Int(instruction.b)])
    let comparison = Instruction.Operation(rawValue: UInt8(truncatingIfNeeded: instruction.c)) ?? .equal
    switch comparison {
    case .equal: return Value.areEqual(found, constant)
    case .notEqual: return !Value.areEqual(found, constant)
    default:
      do throws(EvaluationError) { return (try Value.order(found, constant)).satisfies(comparison) } catch {
        throw error.at(program.ranges[number])
      }
    }
  }
}

extension Value.Order {
  /// Whether an order is what one of the four comparisons asks for.
  func satisfies(_ comparison: Instruction.Operation) -> Bool {
    switch comparison {
    case .less: self == .before
    case .lessOrEqual: self == .before || self == .same
    case .greater: self == .after
    default: self == .after || self == .same
    }
  }
}
