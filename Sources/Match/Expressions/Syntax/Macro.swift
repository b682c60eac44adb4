// SPDX-License-Identifier: Apache-2.0

/// What looks like a call and is something else ("Macros" in CEL's definition, and those of its extensions).
enum Macro {
  /// What a call stands for if a macro has its name and shape; nil for an ordinary call.
  static func expand(
    _ target: Syntax?,
    _ name: String,
    _ arguments: [Syntax],
    _ range: Range<Int>
  ) throws(ExpressionError) -> Syntax.Kind? {
    guard let target else { return try global(name, arguments, range) }
    if case .name("cel", isAbsolute: _) = target.kind { return try bindings(name, arguments) }
    if let kind = try optional(target, name, arguments) { return kind }
    return try comprehension(target, name, arguments)
  }

  private static func global(
    _ name: String,
    _ arguments: [Syntax],
    _ range: Range<Int>
  ) throws(ExpressionError) -> Syntax.Kind? {
    switch (name, arguments.count) {
    case ("has", 1): return try has(arguments[0])
    case ("now", 0):
      let event = Syntax(kind: .name("event", isAbsolute: true), range: range)
      let time = Syntax(kind: .select(event, field: "time", .plain), range: range)
      return .call(target: nil, function: "timestamp", [time])
    case ("secret", 1):
      let secrets = Syntax(kind: .name(ExpressionEnvironment.secrets, isAbsolute: true), range: range)
      return .index(secrets, arguments[0], isOptional: false)
    case ("aggregate", 2), ("view", 2): return try state(name, arguments, range)
    default: return nil
    }
  }

  /// `aggregate('account', key)` stands for the state of a thing, which is looked up.
  private static func state(_ kind: String, _ arguments: [Syntax], _ range: Range<Int>)
    throws(ExpressionError) -> Syntax.Kind
  {
    guard case .literal(.string(let name)) = arguments[0].kind else {
      throw ExpressionError(
        .macro,
        "'\(kind)' needs a name in quotes here",
        at: arguments[0].range,
        help: "write for example \(kind)('account', event.data.account)"
      )
    }
    let states = Syntax(kind: .name(ExpressionEnvironment.states, isAbsolute: true), range: range)
    let owner = Syntax(kind: .literal(.text("\(kind)/\(name.string)")), range: arguments[0].range)
    let all = Syntax(kind: .index(states, owner, isOptional: false), range: range)
    return .index(all, arguments[1], isOptional: false)
  }

  private static func has(_ argument: Syntax) throws(ExpressionError) -> Syntax.Kind {
    guard case .select(let operand, let field, let selection) = argument.kind, selection != .test else {
      throw ExpressionError(
        .macro,
        "'has' asks for a field",
        at: argument.range,
        help: "write has(event.data.name), or 'name' in event.data"
      )
    }
    if selection == .optional {
      return .call(
        target: Syntax(kind: .select(operand, field: field, .optional), range: argument.range),
        function: "hasValue",
        []
      )
    }
    return .select(operand, field: field, .test)
  }

  private static func comprehension(
    _ target: Syntax,
    _ name: String,
    _ arguments: [Syntax]
  ) throws(ExpressionError) -> Syntax.Kind? {
    let (kind, variables, hasFilter): (Comprehension.Kind, Int, Bool)
    switch (name, arguments.count) {
    case ("all", 2...3): (kind, variables, hasFilter) = (.all, arguments.count - 1, false)
    case ("exists", 2...3): (kind, variables, hasFilter) = (.exists, arguments.count - 1, false)
    case ("exists_one", 2), ("existsOne", 2...3):
      (kind, variables, hasFilter) = (.existsOne, arguments.count - 1, false)
    case ("map", 2...3): (kind, variables, hasFilter) = (.list, 1, arguments.count == 3)
    case ("filter", 2): (kind, variables, hasFilter) = (.filter, 1, false)
    case ("sortBy", 2): (kind, variables, hasFilter) = (.sort, 1, false)
    case ("transformList", 3...4): (kind, variables, hasFilter) = (.list, 2, arguments.count == 4)
    case ("transformMap", 3...4): (kind, variables, hasFilter) = (.map, 2, arguments.count == 4)
    case ("transformMapEntry", 3...4): (kind, variables, hasFilter) = (.mapEntries, 2, arguments.count == 4)
    default: return nil
    }
    var names: [String] = []
    for argument in arguments[..<variables] { names.append(try variable(argument, of: name)) }
    guard Set(names).count == names.count else {
      throw ExpressionError(.macro, "the two names of '\(name)' must differ", at: arguments[1].range)
    }
    return .comprehension(
      Comprehension(
        kind: kind,
        range: target,
        names: names,
        filter: kind == .filter ? arguments[1] : hasFilter ? arguments[variables] : nil,
        body: kind == .filter ? nil : arguments[arguments.count - 1]
      )
    )
  }

  private static func variable(_ argument: Syntax, of macro: String) throws(ExpressionError) -> String {
    if case .name(let name, isAbsolute: false) = argument.kind { return name }
    throw ExpressionError(
      .macro,
      "'\(macro)' needs a simple name here",
      at: argument.range,
      help: "write for example \(macro)(x, x > 0)"
    )
  }

  private static func optional(
    _ target: Syntax,
    _ name: String,
    _ arguments: [Syntax]
  ) throws(ExpressionError) -> Syntax.Kind? {
    guard name == "optMap" || name == "optFlatMap", arguments.count == 2 else { return nil }
    let variable = try variable(arguments[0], of: name)
    return .optionalMap(target, variable, arguments[1], isFlat: name == "optFlatMap")
  }

  /// `cel.bind(name, value, body)`, and the forms that optimizers write: `cel.block([values], body)` with
  /// `cel.index(n)` for the value with that number, and `cel.iterVar(depth, n)` for a variable of a walk.
  private static func bindings(_ name: String, _ arguments: [Syntax]) throws(ExpressionError) -> Syntax.Kind?
  {
    switch (name, arguments.count) {
    case ("bind", 3): return .bind(try variable(arguments[0], of: "bind"), arguments[1], arguments[2])
    case ("block", 2): return try block(arguments)
    case ("index", 1): return .name("@index\(try number(arguments[0]))", isAbsolute: false)
    case ("iterVar", 2):
      return .name("@iterator\(try number(arguments[0])):\(try number(arguments[1]))", isAbsolute: false)
    default: return nil
    }
  }

  private static func block(_ arguments: [Syntax]) throws(ExpressionError) -> Syntax.Kind {
    guard case .list(let elements) = arguments[0].kind, elements.allSatisfy({ !$0.isOptional }) else {
      throw ExpressionError(.macro, "'block' begins with a list of values", at: arguments[0].range)
    }
    var body = arguments[1]
    for (index, element) in elements.enumerated().reversed() {
      body = Syntax(
        kind: .bind("@index\(index)", element.value, body),
        range: arguments[1].range
      )
    }
    return body.kind
  }

  private static func number(_ argument: Syntax) throws(ExpressionError) -> Int64 {
    if case .literal(.int(let number)) = argument.kind { return number }
    throw ExpressionError(.macro, "a whole number was expected", at: argument.range)
  }
}
