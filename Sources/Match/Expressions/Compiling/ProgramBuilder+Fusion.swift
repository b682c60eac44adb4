// SPDX-License-Identifier: Apache-2.0

/// Operations that are common enough to be one instruction.
extension ProgramBuilder {
  /// A comparison of a path with a constant, which needs no value of the path.
  func fused(_ operation: Instruction.Operation, _ left: Int, _ right: Int) -> FusedComparison? {
    guard instructions[left].operation == .path, instructions[right].operation == .constant else {
      return nil
    }
    switch (operation, constants[Int(instructions[right].a)]) {
    case (.equal, .string(let text)), (.notEqual, .string(let text)):
      return .text(path: left, text, operation == .equal ? .equal : .notEqual)
    case (_, .double(let number)): return .number(path: left, number, operation)
    case (_, .int(let number)) where Int64(exactly: Double(number)) == number && number.magnitude < 1 << 53:
      return .number(path: left, Double(number), operation)
    default: return nil
    }
  }
}

/// A comparison of a path with a constant.
enum FusedComparison {
  case text(path: Int, Text, Instruction.TextTest)
  case number(path: Int, Double, Instruction.Operation)
}

extension Syntax {
  /// The operands of a chain of `+` with three operands or more of which one is a text; nil for anything else.
  var textSum: [Syntax]? {
    let operands = summands
    guard operands.count > 2 else { return nil }
    let hasText = operands.contains { operand in
      if case .literal(.string) = operand.kind { true } else { false }
    }
    return hasText ? operands : nil
  }

  private var summands: [Syntax] {
    guard case .call(target: nil, function: "_+_", let arguments) = kind else { return [self] }
    return arguments[0].summands + [arguments[1]]
  }
}
