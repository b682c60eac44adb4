// SPDX-License-Identifier: Apache-2.0

/// Walks over lists and maps.
///
/// `all` and `exists` are a chain of `&&` or `||`: one element that decides is enough, whatever fails at others. All
/// other walks fail with the first element that does.
extension Evaluator {
  mutating func walk(_ walk: Walk) throws(EvaluationError) -> Value {
    let range = try value(walk.range)
    switch walk.kind {
    case .all: return .bool(try decide(walk, range, stopsAt: false))
    case .exists: return .bool(try decide(walk, range, stopsAt: true))
    case .existsOne: return .bool(try count(walk, range) == 1)
    case .filter, .list: return .list(try collect(walk, range))
    case .sort: return .list(try sort(walk, range))
    case .map, .mapEntries: return try mapped(walk, range)
    }
  }

  /// Sets the local variables to each element in turn, until `body` returns false.
  private mutating func forEach(
    _ walk: Walk,
    _ range: Value,
    _ body: (inout Evaluator, _ key: Value, _ value: Value) throws(EvaluationError) -> Bool
  ) throws(EvaluationError) {
    func visit(
      _ evaluator: inout Evaluator,
      _ key: Value,
      _ value: Value,
      isList: Bool
    ) throws(EvaluationError) -> Bool {
      try evaluator.spend(1)
      if walk.locals.count == 2 {
        evaluator.locals[walk.locals[0]] = key
        evaluator.locals[walk.locals[1]] = value
      } else {
        evaluator.locals[walk.locals[0]] = isList ? value : key
      }
      return try body(&evaluator, key, value)
    }
    switch range {
    case .list(let elements):
      for (number, element) in elements.enumerated() {
        guard try visit(&self, .int(Int64(number)), element, isList: true) else { return }
      }
    case .map(let map):
      for (key, value) in map.entries {
        guard try visit(&self, key, value, isList: false) else { return }
      }
    case .json(let json):
      let isList = json.isArray
      try json.forEach { (key, value) throws(EvaluationError) in
        try visit(&self, key, value, isList: isList)
      }
    default:
      throw EvaluationError(
        .overload,
        "a list or a map was expected, not a \(range.type.name)",
        at: program.ranges[walk.range]
      )
    }
  }

  private mutating func decide(_ walk: Walk, _ range: Value, stopsAt decisive: Bool) throws(EvaluationError)
    -> Bool
  {
    guard let body = walk.body else { return !decisive }
    var failure: EvaluationError?
    var isDecided = false
    try forEach(walk, range) { (evaluator, _, _) throws(EvaluationError) in
      do throws(EvaluationError) {
        isDecided = try evaluator.bool(body) == decisive
      } catch {
        if error.code == .cost { throw error }
        failure = failure ?? error
      }
      return !isDecided
    }
    if isDecided { return decisive }
    if let failure { throw failure }
    return !decisive
  }

  private mutating func count(_ walk: Walk, _ range: Value) throws(EvaluationError) -> Int {
    guard let body = walk.body else { return 0 }
    var count = 0
    try forEach(walk, range) { (evaluator, _, _) throws(EvaluationError) in
      if try evaluator.bool(body) { count += 1 }
      return true
    }
    return count
  }

  private mutating func collect(_ walk: Walk, _ range: Value) throws(EvaluationError) -> [Value] {
    var results: [Value] = []
    try forEach(walk, range) { (evaluator, _, _) throws(EvaluationError) in
      if let filter = walk.filter, !(try evaluator.bool(filter)) { return true }
      if let body = walk.body {
        results.append(try evaluator.value(body))
      } else {
        results.append(evaluator.locals[walk.locals[0]])
      }
      return true
    }
    return results
  }

  private mutating func sort(_ walk: Walk, _ range: Value) throws(EvaluationError) -> [Value] {
    guard let body = walk.body else { return [] }
    var pairs: [(key: Value, value: Value)] = []
    try forEach(walk, range) { (evaluator, _, _) throws(EvaluationError) in
      pairs.append((try evaluator.value(body), evaluator.locals[walk.locals[0]]))
      return true
    }
    do throws(EvaluationError) { return try FunctionTable.sorted(pairs) } catch {
      throw error.at(program.ranges[body])
    }
  }

  private mutating func mapped(_ walk: Walk, _ range: Value) throws(EvaluationError) -> Value {
    guard let body = walk.body else { return .map(.empty) }
    var entries: [(key: Value, value: Value)] = []
    try forEach(walk, range) { (evaluator, key, _) throws(EvaluationError) in
      if let filter = walk.filter, !(try evaluator.bool(filter)) { return true }
      let result = try evaluator.value(body)
      if walk.kind == .map {
        entries.append((key, result))
      } else if let made = result.mapEntries {
        entries += made
      } else {
        throw EvaluationError.noOverload("transformMapEntry", result).at(evaluator.program.ranges[body])
      }
      return true
    }
    return try map(of: entries, body)
  }
}
