// SPDX-License-Identifier: Apache-2.0

import EventModel

/// The numbers that a `numeric` operator allows.
struct NumericRange: Sendable, Hashable {
  private(set) var lower = -Double.infinity
  private var includesLower = true
  private(set) var upper = Double.infinity
  private var includesUpper = true

  /// Reads `["=", n]`, one bound, or a lower and then an upper bound.
  init(_ value: JSONValue) throws(PatternError) {
    guard case .array(let elements) = value, elements.count == 2 || elements.count == 4 else {
      throw PatternError("one or two pairs of a sign and a number were expected")
    }
    let first = try Self.pair(elements, at: 0)
    switch first.sign {
    case "=":
      guard elements.count == 2 else { throw PatternError("nothing may follow '='") }
      (lower, upper) = (first.number, first.number)
    case ">", ">=": (lower, includesLower) = (first.number, first.sign == ">=")
    case "<", "<=":
      guard elements.count == 2 else { throw PatternError("the lower bound comes first") }
      (upper, includesUpper) = (first.number, first.sign == "<=")
    default: throw PatternError("'\(first.sign)' is none of = < <= > >=")
    }
    guard elements.count == 4 else { return }
    let second = try Self.pair(elements, at: 2)
    guard second.sign == "<" || second.sign == "<=" else {
      throw PatternError("an upper bound was expected after the lower one")
    }
    (upper, includesUpper) = (second.number, second.sign == "<=")
    guard lower < upper else { throw PatternError("the lower bound must be less than the upper one") }
  }

  private static func pair(
    _ elements: [JSONValue],
    at index: Int
  ) throws(PatternError) -> (sign: String, number: Double) {
    guard let sign = elements[index].string else { throw PatternError("a sign was expected") }
    guard case .number(let text) = elements[index + 1] else { throw PatternError("a number was expected") }
    guard let number = NumberLiteral(text).value else {
      throw PatternError("\(text) cannot be compared exactly")
    }
    return (sign, number)
  }

  func contains(_ number: NumberText) -> Bool {
    let value = number.nearest
    return (includesLower ? value >= lower : value > lower)
      && (includesUpper ? value <= upper : value < upper) && number.isExact
  }
}
