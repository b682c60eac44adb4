// SPDX-License-Identifier: Apache-2.0

import EventModel

/// A compiled expression: a flat array of instructions and what they refer to.
///
/// Never changes; evaluation keeps its state elsewhere.
final class Program: Sendable {
  let instructions: [Instruction]
  /// The place of each instruction in the expression's text.
  let ranges: [Range<Int>]
  let operands: [Int32]
  let constants: [Value]
  let names: NamePool
  let numbers: [Double]
  let functions: [Function]
  let walks: [Walk]
  let patterns: [RegularExpression]
  let sets: [ConstantSet]
  let failures: [EvaluationError]
  /// The number of local variables that may be alive at once.
  let locals: Int
  /// The number of the instruction that yields the result.
  let root: Int

  init(_ builder: ProgramBuilder, root: Int) {
    instructions = builder.instructions
    ranges = builder.ranges
    operands = builder.operands
    constants = builder.constants
    names = builder.names
    numbers = builder.numbers
    functions = builder.functions
    walks = builder.walks
    patterns = builder.patterns
    sets = builder.sets
    failures = builder.failures
    locals = builder.localLimit
    self.root = root
  }
}

extension Program {
  /// Whether any instruction looks at a variable.
  func reads(variable slot: Int) -> Bool {
    instructions.contains { ($0.operation == .variable || $0.operation == .path) && Int($0.a) == slot }
  }

  /// The place in a JSON text that the whole expression only names; nil when there is none or when it does more.
  func referred(_ variables: Variables) -> (content: JSONContent, index: JSONTape.Index)? {
    let instruction = instructions[root]
    guard instruction.operation == .path || instruction.operation == .variable,
      case .json(let json) = variables.values[Int(instruction.a)]
    else { return nil }
    var index = json.index
    for place in 0..<Int(instruction.c) {
      guard let next = json.content.member(names.text(Int(instruction.b) + place), of: index) else {
        return nil
      }
      index = next
    }
    return (json.content, index)
  }
}

/// Constant texts for `in`; many of them are found by hash.
struct ConstantSet: Sendable {
  private let list: [Text]
  private let set: Set<Text>
  /// Up to this many texts comparing with each one beats hashing.
  private static let listLimit = 8

  /// Takes a list that holds only strings.
  init?(_ values: [Value]) {
    var texts: [Text] = []
    for value in values {
      guard case .string(let text) = value else { return nil }
      texts.append(text)
    }
    list = texts.count > Self.listLimit ? [] : texts
    set = texts.count > Self.listLimit ? Set(texts) : []
  }

  func contains(_ text: Text) -> Bool { set.isEmpty ? list.contains(text) : set.contains(text) }
}
