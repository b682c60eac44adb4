// SPDX-License-Identifier: Apache-2.0

/// Fields, elements and optionals.
extension Evaluator {
  /// A field, also of what an optional holds; what such an optional does not have is missing, not wrong.
  func selected(_ value: Value, _ name: Text) throws(EvaluationError) -> Value {
    if case .optional(let optional) = value {
      guard let inner = optional.value, let field = try inner.field(name) else { return .optional(.none) }
      return Self.wrapped(field)
    }
    guard let field = try value.field(name) else {
      throw EvaluationError(.missing, "there is no '\(name.string)'")
    }
    return field
  }

  private static func wrapped(_ value: Value) -> Value {
    if case .optional = value { value } else { .optional(OptionalValue(value)) }
  }

  mutating func selection(_ instruction: Instruction, _ number: Int) throws(EvaluationError) -> Value {
    let operand = try value(Int(instruction.a))
    let name = program.names.text(Int(instruction.b))
    switch instruction.operation {
    case .selectTest: return try placed(number, .bool(try Self.innerField(operand, name) != nil))
    case .selectOptional:
      return try placed(number, .optional(OptionalValue(try Self.innerField(operand, name))))
    default: return try placed(number, try selected(operand, name))
    }
  }

  /// A field of a value or of what an optional holds; nil when there is none.
  private static func innerField(_ operand: Value, _ name: Text) throws(EvaluationError) -> Value? {
    guard case .optional(let optional) = operand else { return try operand.field(name) }
    return try optional.value?.field(name)
  }

  mutating func element(_ instruction: Instruction, _ number: Int) throws(EvaluationError) -> Value {
    let (operand, index) = (try value(Int(instruction.a)), try value(Int(instruction.b)))
    return try placed(number, try Self.element(of: operand, index))
  }

  private static func element(of operand: Value, _ index: Value) throws(EvaluationError) -> Value {
    if case .optional(let optional) = operand {
      guard let inner = optional.value, let element = try inner.element(index) else {
        return .optional(.none)
      }
      return wrapped(element)
    }
    guard let element = try operand.element(index) else {
      let isMap = operand.listElements == nil
      throw EvaluationError(
        .missing,
        isMap
          ? "there is no entry \(index.shortText)"
          : "there is no element \(index.shortText) among \(operand.size ?? 0)"
      )
    }
    return element
  }

  mutating func optionalElement(_ instruction: Instruction, _ number: Int) throws(EvaluationError) -> Value {
    let (operand, index) = (try value(Int(instruction.a)), try value(Int(instruction.b)))
    guard case .optional(let optional) = operand else {
      return try placed(number, .optional(OptionalValue(try operand.element(index))))
    }
    guard let inner = optional.value else { return .optional(.none) }
    return try placed(number, .optional(OptionalValue(try inner.element(index))))
  }

  mutating func optionalMap(_ instruction: Instruction, _ number: Int) throws(EvaluationError) -> Value {
    let start = Int(instruction.b)
    let target = try value(Int(program.operands[start]))
    guard case .optional(let optional) = target else {
      throw EvaluationError(
        .overload,
        "an optional was expected, not a \(target.type.name)",
        at: program.ranges[number]
      )
    }
    guard let inner = optional.value else { return target }
    locals[Int(program.operands[start + 1])] = inner
    let result = try value(Int(program.operands[start + 2]))
    guard program.operands[start + 3] == 1 else { return .optional(OptionalValue(result)) }
    guard case .optional = result else {
      throw EvaluationError(.overload, "'optFlatMap' must yield an optional", at: program.ranges[number])
    }
    return result
  }

  mutating func list(_ instruction: Instruction) throws(EvaluationError) -> Value {
    var elements: [Value] = []
    elements.reserveCapacity(Int(instruction.c))
    for place in 0..<Int(instruction.c) {
      let start = Int(instruction.b) + 2 * place
      let element = try value(Int(program.operands[start]))
      if program.operands[start + 1] == 0 {
        elements.append(element)
      } else if let present = try present(element, Int(program.operands[start])) {
        elements.append(present)
      }
    }
    return .list(elements)
  }

  mutating func map(_ instruction: Instruction, _ number: Int) throws(EvaluationError) -> Value {
    var entries: [(key: Value, value: Value)] = []
    for place in 0..<Int(instruction.c) {
      let start = Int(instruction.b) + 3 * place
      let key = try value(Int(program.operands[start]))
      let element = try value(Int(program.operands[start + 1]))
      if program.operands[start + 2] == 0 {
        entries.append((key, element))
      } else if let present = try present(element, Int(program.operands[start + 1])) {
        entries.append((key, present))
      }
    }
    return try map(of: entries, number)
  }

  func map(of entries: [(key: Value, value: Value)], _ number: Int) throws(EvaluationError) -> Value {
    do throws(EvaluationError) { return .map(try MapValue(entries)) } catch {
      throw error.at(program.ranges[number])
    }
  }

  /// What an element marked with `?` holds.
  private func present(_ element: Value, _ number: Int) throws(EvaluationError) -> Value? {
    guard case .optional(let optional) = element else {
      throw EvaluationError(
        .overload,
        "'?' is for what may be missing, and this is a \(element.type.name)",
        at: program.ranges[number]
      )
    }
    return optional.value
  }
}
