// SPDX-License-Identifier: Apache-2.0

/// Equality and order ("Equality" and "Ordering" in CEL's definition).
///
/// Numbers of different types are compared by their mathematical values. Only the doubles 2^63 and 2^64, to which the
/// greatest int and uint are rounded, count as equal to those, as in other implementations.
extension Value {
  /// Whether two values are equal; values of unlike types are not, and NaN equals nothing.
  static func areEqual(_ left: Value, _ right: Value) -> Bool {
    switch (left, right) {
    case (.string(let left), .string(let right)): return left == right
    case (.bool(let left), .bool(let right)): return left == right
    case (.null, .null): return true
    case (.bytes(let left), .bytes(let right)): return left == right
    case (.type(let left), .type(let right)): return left == right
    case (.timestamp(let left), .timestamp(let right)): return left == right
    case (.duration(let left), .duration(let right)): return left == right
    case (.address(let left), .address(let right)): return left == right
    case (.network(let left), .network(let right)): return left == right
    case (.optional(let left), .optional(let right)): return areEqual(left, right)
    case (.list, .list), (.list, .json), (.json, .list), (.map, .map), (.map, .json), (.json, .map),
      (.json, .json):
      return containersAreEqual(left, right)
    default: return order(ofNumbers: left, right) == .same
    }
  }

  private static func areEqual(_ left: OptionalValue, _ right: OptionalValue) -> Bool {
    switch (left.value, right.value) {
    case (let left?, let right?): areEqual(left, right)
    case (nil, nil): true
    default: false
    }
  }

  private static func containersAreEqual(_ left: Value, _ right: Value) -> Bool {
    if let elements = left.listElements, let others = right.listElements {
      return elements.count == others.count && zip(elements, others).allSatisfy(areEqual)
    }
    guard let entries = left.mapEntries, let others = right.mapEntries, entries.count == others.count else {
      return false
    }
    return entries.allSatisfy { key, value in right.entry(key).map { areEqual(value, $0) } ?? false }
  }

  /// How one value lies to another.
  enum Order { case before, same, after, unordered }

  /// The order of two values of like types.
  static func order(_ left: Value, _ right: Value) throws(EvaluationError) -> Order {
    switch (left, right) {
    case (.string(let left), .string(let right)), (.bytes(let left), .bytes(let right)):
      return order(left, right)
    case (.bool(let left), .bool(let right)): return order(left ? 1 : 0, right ? 1 : 0)
    case (.timestamp(let left), .timestamp(let right)): return order(left, right)
    case (.duration(let left), .duration(let right)): return order(left, right)
    default:
      guard let order = order(ofNumbers: left, right) else { throw .noOverload("compare", left, right) }
      return order
    }
  }

  private static func order<Content: Comparable>(_ left: Content, _ right: Content) -> Order {
    left < right ? .before : left == right ? .same : .after
  }

  /// The order of two numbers; nil when one is no number.
  static func order(ofNumbers left: Value, _ right: Value) -> Order? {
    switch (left, right) {
    case (.int(let left), .int(let right)): order(left, right)
    case (.uint(let left), .uint(let right)): order(left, right)
    case (.double(let left), .double(let right)): left.isNaN || right.isNaN ? .unordered : order(left, right)
    case (.int(let left), .uint(let right)): left < 0 ? .before : order(UInt64(left), right)
    case (.uint(let left), .int(let right)): right < 0 ? .after : order(left, UInt64(right))
    case (.double(let left), .int(let right)): order(left, right)
    case (.double(let left), .uint(let right)): order(left, right)
    case (.int(let left), .double(let right)): reversed(order(right, left))
    case (.uint(let left), .double(let right)): reversed(order(right, left))
    default: nil
    }
  }

  private static func reversed(_ order: Order) -> Order {
    switch order {
    case .before: .after
    case .after: .before
    case .same, .unordered: order
    }
  }

  private static func order<Integer: FixedWidthInteger>(_ left: Double, _ right: Integer) -> Order {
    if left.isNaN { return .unordered }
    // The type's limit as a double: one more than the greatest integer, and the smallest one itself.
    let limit = Double(Integer.max)
    if left >= limit { return left == limit && right == Integer.max ? .same : .after }
    if left < Double(Integer.min) { return .before }
    let whole = Integer(left)
    if whole != right { return order(whole, right) }
    let rest = left - left.rounded(.towardZero)
    return rest == 0 ? .same : rest > 0 ? .after : .before
  }
}
