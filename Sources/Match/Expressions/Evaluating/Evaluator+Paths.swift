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
    if instruction.operation == .pathIsText { return try isText(instruction, at: index, of: event, number) }
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

  private func isText(
    _ instruction: Instruction,
    at index: Int,
    of event: JSONContent,
    _ number: Int
  ) throws(EvaluationError) -> Bool {
    let range = program.names.range(Int(instruction.b))
    switch Instruction.TextTest(rawValue: instruction.c) {
    case .equal: return event.isText(at: index, program.names.bytes, range)
    case .notEqual: return !event.isText(at: index, program.names.bytes, range)
    default: return try isText(event.value(at: index), instruction, number)
    }
  }

  /// What a method asks of a string; anything else has no such method.
  private func isText(_ found: Value, _ instruction: Instruction, _ number: Int) throws(EvaluationError)
    -> Bool
  {
    let wanted = program.names.text(Int(instruction.b))
    let test = Instruction.TextTest(rawValue: instruction.c) ?? .equal
    guard case .string(let text) = found else {
      switch test {
      case .equal: return false
      case .notEqual: return true
      case .prefix:
        throw EvaluationError.noOverload("startsWith", found, .string(wanted)).at(program.ranges[number])
      case .suffix:
        throw EvaluationError.noOverload("endsWith", found, .string(wanted)).at(program.ranges[number])
      case .part:
        throw EvaluationError.noOverload("contains", found, .string(wanted)).at(program.ranges[number])
      }
    }
    return switch test {
    case .equal: text == wanted
    case .notEqual: text != wanted
    case .prefix: text.hasPrefix(wanted)
    case .suffix: text.hasSuffix(wanted)
    case .part: text.firstOffset(of: wanted) != nil
    }
  }

  /// The same by way of values, for variables other than events and for values other than numbers.
  private mutating func unfused(_ instruction: Instruction, _ number: Int) throws(EvaluationError) -> Bool {
    let found = try value(Int(instruction.a))
    if instruction.operation == .pathIsText { return try isText(found, instruction, number) }
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
