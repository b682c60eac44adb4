// SPDX-License-Identifier: Apache-2.0

/// The lists and sets extensions (cel-go, ext/lists.go and ext/sets.go).
extension FunctionTable {
  private static let element = ExpressionType.parameter("T")
  private static let list = ExpressionType.list(element)
  /// The longest list that `lists.range` makes.
  private static let rangeLimit = 100_000

  static let lists: [Function] = [
    .global("lists.range", [.int], .list(.int)) { (values) throws(EvaluationError) in
      let count = try Arguments("lists.range", values).int(0)
      guard (0...rangeLimit).contains(count) else {
        throw EvaluationError(.argument, "'lists.range' makes up to \(rangeLimit) numbers, not \(count)")
      }
      return .list((0..<Int64(count)).map { .int($0) })
    },
    .method("slice", [list, .int, .int], list) { (values) throws(EvaluationError) in
      let arguments = Arguments("slice", values)
      let elements = try arguments.list(0)
      let (start, end) = (try arguments.int(1), try arguments.int(2))
      guard start >= 0, start <= end, end <= elements.count else {
        throw EvaluationError(.argument, "a list of \(elements.count) has no part from \(start) to \(end)")
      }
      return .list(Array(elements[start..<end]))
    },
    .method("flatten", [.list(.list(element))], list, flatten),
    .method("flatten", [.list(.dyn)], .list(.dyn), flatten),
    .method("flatten", [.list(.dyn), .int], .list(.dyn), flatten),
    .method("distinct", [list], list) { (values) throws(EvaluationError) in
      var result: [Value] = []
      for element in try Arguments("distinct", values).list(0)
      where !result.contains(where: { Value.areEqual($0, element) }) {
        result.append(element)
      }
      return .list(result)
    },
    .method("sort", [list], list) { (values) throws(EvaluationError) in
      .list(try sorted(try Arguments("sort", values).list(0).map { ($0, $0) }))
    },
    .method("first", [list], .optional(element)) { (values) throws(EvaluationError) in
      .optional(OptionalValue(try Arguments("first", values).list(0).first))
    },
    .method("last", [list], .optional(element)) { (values) throws(EvaluationError) in
      .optional(OptionalValue(try Arguments("last", values).list(0).last))
    },
  ]

  @Sendable
  private static func flatten(_ values: [Value]) throws(EvaluationError) -> Value {
    let arguments = Arguments("flatten", values)
    let depth = arguments.count > 1 ? try arguments.int(1) : 1
    guard depth >= 0 else { throw EvaluationError(.argument, "'flatten' needs a depth of 0 or more") }
    return .list(flattened(try arguments.list(0), depth))
  }

  private static func flattened(_ elements: [Value], _ depth: Int) -> [Value] {
    depth == 0 ? elements : elements.flatMap { $0.listElements.map { flattened($0, depth - 1) } ?? [$0] }
  }

  /// The values in the order of their keys, which must be of one type; equal keys keep their order.
  static func sorted(_ pairs: [(key: Value, value: Value)]) throws(EvaluationError) -> [Value] {
    for pair in pairs {
      guard pair.key.type == pairs[0].key.type else { throw .noOverload("sort", pairs[0].key, pair.key) }
      _ = try Value.order(pair.key, pair.key)
    }
    return pairs.sorted { left, right in (try? Value.order(left.key, right.key)) == .before }.map(\.value)
  }

  static let sets: [Function] = [
    sets("sets.contains") { left, right in right.allSatisfy { isElement($0, of: left) } },
    sets("sets.intersects") { left, right in right.contains { isElement($0, of: left) } },
    sets("sets.equivalent") { left, right in
      right.allSatisfy { isElement($0, of: left) } && left.allSatisfy { isElement($0, of: right) }
    },
  ]

  private static func sets(_ name: String, _ body: @escaping @Sendable ([Value], [Value]) -> Bool) -> Function
  {
    .global(name, [list, list], .bool) { (values) throws(EvaluationError) in
      let arguments = Arguments(name, values)
      return .bool(body(try arguments.list(0), try arguments.list(1)))
    }
  }

  private static func isElement(_ value: Value, of elements: [Value]) -> Bool {
    elements.contains { Value.areEqual($0, value) }
  }
}
