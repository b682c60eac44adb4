// SPDX-License-Identifier: Apache-2.0

/// Turns an expression into a program.
///
/// Names are resolved as by the checker; what resolves to nothing, which can only be in an expression that was not
/// checked, becomes an instruction that fails.
struct ProgramBuilder {
  let environment: ExpressionEnvironment
  private(set) var instructions: [Instruction] = []
  private(set) var ranges: [Range<Int>] = []
  private(set) var operands: [Int32] = []
  private(set) var constants: [Value] = []
  private(set) var names = NamePool()
  private(set) var numbers: [Double] = []
  private(set) var functions: [Function] = []
  private(set) var walks: [Walk] = []
  private(set) var patterns: [RegularExpression] = []
  private(set) var sets: [ConstantSet] = []
  private(set) var failures: [EvaluationError] = []
  private(set) var localLimit = 0
  private(set) var errors: [ExpressionError] = []
  private var locals = LocalScope<Int>()
  private var localCount = 0

  init(_ environment: ExpressionEnvironment) { self.environment = environment }

  static func program(
    of syntax: Syntax,
    in environment: ExpressionEnvironment
  ) throws(ExpressionErrors) -> Program {
    var builder = ProgramBuilder(environment)
    let root = builder.add(syntax)
    guard builder.errors.isEmpty else { throw ExpressionErrors(builder.errors) }
    return Program(builder, root: root)
  }

  mutating func emit(_ instruction: Instruction, _ syntax: Syntax) -> Int {
    instructions.append(instruction)
    ranges.append(syntax.range)
    return instructions.count - 1
  }

  /// Adds operands and returns where they begin.
  mutating func store(_ values: [Int]) -> Int {
    let start = operands.count
    operands += values.map { Int32($0) }
    return start
  }

  mutating func constant(_ value: Value, _ syntax: Syntax) -> Int {
    constants.append(value)
    return emit(Instruction(.constant, constants.count - 1), syntax)
  }

  mutating func name(_ name: String) -> Int {
    names.add(name.utf8)
  }

  private mutating func fail(_ message: String, _ syntax: Syntax) -> Int {
    failures.append(EvaluationError(.overload, message, at: syntax.range))
    return emit(Instruction(.failure, failures.count - 1), syntax)
  }

  mutating func add(_ syntax: Syntax) -> Int {
    switch syntax.kind {
    case .literal(let value): return constant(value, syntax)
    case .name(let name, let isAbsolute): return addName(name, isAbsolute, syntax)
    case .select(let operand, let field, let selection):
      return addSelection(operand, field, selection, syntax)
    case .index(let operand, let index, let isOptional):
      let (operand, index) = (add(operand), add(index))
      return emit(Instruction(isOptional ? .indexOptional : .index, operand, index), syntax)
    case .call(let target, let function, let arguments): return addCall(target, function, arguments, syntax)
    case .logical(let logical, let parts):
      let start = store(parts.map { add($0) })
      return emit(Instruction(logical == .and ? .and : .or, 0, start, parts.count), syntax)
    case .conditional(let condition, let first, let second):
      let (condition, first, second) = (add(condition), add(first), add(second))
      return emit(Instruction(.conditional, condition, first, second), syntax)
    case .list(let elements):
      let start = store(elements.flatMap { [add($0.value), $0.isOptional ? 1 : 0] })
      return emit(Instruction(.list, 0, start, elements.count), syntax)
    case .map(let entries):
      let start = store(entries.flatMap { [add($0.key), add($0.value), $0.isOptional ? 1 : 0] })
      return emit(Instruction(.map, 0, start, entries.count), syntax)
    case .message(let name): return fail("there are no messages such as '\(name)'", syntax)
    case .comprehension(let comprehension): return addWalk(comprehension, syntax)
    case .bind(let name, let value, let body):
      let value = add(value)
      let (local, body) = addScope([name], [body])
      return emit(Instruction(.bind, local[0], value, body[0]), syntax)
    case .optionalMap(let target, let name, let body, let isFlat):
      let target = add(target)
      let (local, body) = addScope([name], [body])
      return emit(Instruction(.optionalMap, 0, store([target, local[0], body[0], isFlat ? 1 : 0])), syntax)
    }
  }

  /// Adds parts in which names stand for local variables.
  private mutating func addScope(_ names: [String], _ parts: [Syntax]) -> (locals: [Int], parts: [Int]) {
    let numbers = names.map { name in
      locals.push(name, localCount)
      localCount += 1
      return localCount - 1
    }
    localLimit = max(localLimit, localCount)
    let added = parts.map { add($0) }
    locals.pop(names.count)
    localCount -= names.count
    return (numbers, added)
  }

  private mutating func addName(_ name: String, _ isAbsolute: Bool, _ syntax: Syntax) -> Int {
    if !isAbsolute, let local = locals.find(name) { return emit(Instruction(.local, local), syntax) }
    return addGlobal(name, isAbsolute, syntax) ?? fail("'\(name)' names nothing here", syntax)
  }

  private mutating func addGlobal(_ name: String, _ isAbsolute: Bool, _ syntax: Syntax) -> Int? {
    switch environment.meaning(of: name, isAbsolute: isAbsolute) {
    case .variable(let slot)?: emit(Instruction(.variable, slot), syntax)
    case .type(let name, _)?: constant(.type(name), syntax)
    case nil: nil
    }
  }

  private mutating func addSelection(
    _ operand: Syntax,
    _ field: String,
    _ selection: Syntax.Selection,
    _ syntax: Syntax
  ) -> Int {
    if selection == .plain, let (name, first, isAbsolute) = syntax.qualifiedName,
      isAbsolute || locals.find(first) == nil, let known = addGlobal(name, isAbsolute, syntax)
    {
      return known
    }
    let operand = add(operand)
    let name = name(field)
    if selection == .plain, let path = extended(operand, by: name) { return emit(path, syntax) }
    let operation: Instruction.Operation =
      switch selection {
      case .plain: .select
      case .optional: .selectOptional
      case .test: .selectTest
      }
    return emit(Instruction(operation, operand, name), syntax)
  }

  /// A path that goes one field further than the last instruction, if that is a variable or a path.
  private mutating func extended(_ operand: Int, by name: Int) -> Instruction? {
    let last = instructions[operand]
    let path: Instruction
    switch last.operation {
    case .variable: path = Instruction(.path, Int(last.a), name, 1)
    case .path where Int(last.b + last.c) == name:
      path = Instruction(.path, Int(last.a), Int(last.b), Int(last.c) + 1)
    default: return nil
    }
    instructions.removeLast()
    ranges.removeLast()
    return path
  }

  private mutating func addWalk(_ walk: Comprehension, _ syntax: Syntax) -> Int {
    let range = add(walk.range)
    let (numbers, parts) = addScope(walk.names, [walk.filter, walk.body].compactMap { $0 })
    let filter = walk.filter == nil ? nil : parts[0]
    walks.append(
      Walk(
        kind: walk.kind,
        range: range,
        locals: numbers,
        filter: filter,
        body: walk.body == nil ? nil : parts[parts.count - 1]
      )
    )
    return emit(Instruction(.walk, walks.count - 1), syntax)
  }

  private static let operators: [String: Instruction.Operation] = [
    "!_": .not, "-_": .negate, "_==_": .equal, "_!=_": .notEqual, "_<_": .less, "_<=_": .lessOrEqual,
    "_>_": .greater, "_>=_": .greaterOrEqual,
  ]

  private mutating func addCall(
    _ target: Syntax?,
    _ function: String,
    _ arguments: [Syntax],
    _ syntax: Syntax
  ) -> Int {
    if function == "_+_", let chain = syntax.textSum {
      let start = store(chain.map { add($0) })
      return emit(Instruction(.sum, 0, start, chain.count), syntax)
    }
    if let operation = Self.operators[function] {
      let parts = arguments.map { add($0) }
      if parts.count > 1, let fused = fused(operation, parts[0], parts[1]) { return add(fused, syntax) }
      return emit(Instruction(operation, parts[0], parts.count > 1 ? parts[1] : 0), syntax)
    }
    if function == "@in" { return addMembership(arguments, syntax) }
    let all = (target.map { [$0] } ?? []) + arguments
    if function == "matches", all.count == 2, case .literal(.string(let pattern)) = all[1].kind {
      return addPattern(all[0], pattern, all[1], syntax)
    }
    if let target, let (name, first, isAbsolute) = target.qualifiedName,
      isAbsolute || locals.find(first) == nil,
      let known = environment.function(
        (isAbsolute ? "." : "") + name + "." + function,
        isMember: false,
        arity: arguments.count
      )
    {
      return addCall(known, arguments, syntax)
    }
    if let target, arguments.count == 1, let test = Instruction.TextTest(method: function),
      case .literal(.string(let text)) = arguments[0].kind, isPath(target)
    {
      return add(.text(path: add(target), text, test), syntax)
    }
    guard let known = environment.function(function, isMember: target != nil, arity: all.count) else {
      return fail("there is no function '\(function)' for these arguments", syntax)
    }
    return addCall(known, all, syntax)
  }

  /// Whether a part is a field of a variable.
  private func isPath(_ syntax: Syntax) -> Bool {
    guard case .select = syntax.kind, let (_, first, isAbsolute) = syntax.qualifiedName,
      isAbsolute || locals.find(first) == nil
    else { return false }
    return environment.meaning(of: first, isAbsolute: isAbsolute) != nil
  }

  private mutating func add(_ comparison: FusedComparison, _ syntax: Syntax) -> Int {
    switch comparison {
    case .text(let path, let text, let test):
      return emit(Instruction(.pathIsText, path, names.add(text.slice), Int(test.rawValue)), syntax)
    case .number(let path, let number, let operation):
      numbers.append(number)
      return emit(Instruction(.pathLiesToNumber, path, numbers.count - 1, Int(operation.rawValue)), syntax)
    }
  }

  private mutating func addCall(_ function: Function, _ arguments: [Syntax], _ syntax: Syntax) -> Int {
    let parts = arguments.map { add($0) }
    functions.append(function)
    let number = functions.count - 1
    switch function.body {
    case .unary: return emit(Instruction(.unary, number, parts[0]), syntax)
    case .binary: return emit(Instruction(.binary, number, parts[0], parts[1]), syntax)
    case .many: return emit(Instruction(.many, number, store(parts), parts.count), syntax)
    case .none: return fail("'\(function.name)' cannot be evaluated", syntax)
    }
  }

  /// A list of many constant texts is looked up by hash.
  private mutating func addMembership(_ arguments: [Syntax], _ syntax: Syntax) -> Int {
    let value = add(arguments[0])
    if case .list(let elements) = arguments[1].kind {
      let values = elements.compactMap { element -> Value? in
        if case .literal(let value) = element.value.kind, !element.isOptional { value } else { nil }
      }
      if values.count == elements.count, let set = ConstantSet(values) {
        sets.append(set)
        return emit(Instruction(.containedInSet, value, sets.count - 1), syntax)
      }
      if values.count == elements.count {
        return emit(Instruction(.contained, value, constant(.list(values), arguments[1])), syntax)
      }
    }
    return emit(Instruction(.contained, value, add(arguments[1])), syntax)
  }

  /// A constant regular expression is compiled with the rest.
  private mutating func addPattern(_ target: Syntax, _ pattern: Text, _ place: Syntax, _ syntax: Syntax)
    -> Int
  {
    let value = add(target)
    do throws(EvaluationError) {
      patterns.append(try RegularExpression(pattern))
    } catch {
      errors.append(ExpressionError(.regex, error.message, at: place.range))
      return value
    }
    return emit(Instruction(.matches, value, patterns.count - 1), syntax)
  }
}
