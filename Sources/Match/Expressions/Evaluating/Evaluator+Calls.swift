// SPDX-License-Identifier: Apache-2.0

/// Calls of functions.
extension Evaluator {
  mutating func call(_ instruction: Instruction, _ number: Int) throws(EvaluationError) -> Value {
    switch program.functions[Int(instruction.a)].body {
    case .unary(let body):
      let argument = try value(Int(instruction.b))
      try spend(argument.weight)
      return try placed(number, try body(argument))
    case .binary(let body):
      let (left, right) = (try value(Int(instruction.b)), try value(Int(instruction.c)))
      try spend(left.weight + right.weight)
      return try placed(number, try body(left, right))
    case .many(let body):
      var arguments: [Value] = []
      arguments.reserveCapacity(Int(instruction.c))
      for place in 0..<Int(instruction.c) {
        arguments.append(try value(Int(program.operands[Int(instruction.b) + place])))
        try spend(arguments[place].weight)
      }
      return try placed(number, try body(arguments))
    case .none: preconditionFailure("such a call becomes a failure when it is compiled")
    }
  }

  /// A sum that is most likely one of texts, put together in one go.
  mutating func sum(_ instruction: Instruction, _ number: Int) throws(EvaluationError) -> Value {
    var parts: [Value] = []
    parts.reserveCapacity(Int(instruction.c))
    var length = 0
    var areTexts = true
    for place in 0..<Int(instruction.c) {
      let part = try value(Int(program.operands[Int(instruction.b) + place]))
      if case .string(let text) = part { length += text.count } else { areTexts = false }
      parts.append(part)
    }
    try spend(length / 16)
    if areTexts {
      var bytes: [UInt8] = []
      bytes.reserveCapacity(length)
      for case .string(let text) in parts { text.append(to: &bytes) }
      return .string(Text(bytes))
    }
    var sum = parts[0]
    for part in parts.dropFirst() { sum = try placed(number, try Arithmetic.sum(sum, part)) }
    return sum
  }

  mutating func match(_ instruction: Instruction, _ number: Int) throws(EvaluationError) -> Value {
    let operand = try value(Int(instruction.a))
    guard case .string(let text) = operand else {
      throw EvaluationError.noOverload("matches", operand).at(program.ranges[number])
    }
    try spend(operand.weight)
    return .bool(program.patterns[Int(instruction.b)].matches(text))
  }
}

extension Value {
  /// What a function's look at the value costs.
  fileprivate var weight: Int {
    switch self {
    case .string(let text), .bytes(let text): text.count / 16
    case .list(let elements): elements.count / 4
    case .map(let map): map.entries.count / 4
    default: 0
    }
  }
}
