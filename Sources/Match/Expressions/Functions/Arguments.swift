// SPDX-License-Identifier: Apache-2.0

/// Taking a function's arguments for what they must be.
struct Arguments {
  let function: String
  let values: [Value]

  init(_ function: String, _ values: [Value]) {
    self.function = function
    self.values = values
  }

  var count: Int { values.count }

  private var mismatch: EvaluationError { .noOverload(function, values) }

  func text(_ place: Int) throws(EvaluationError) -> Text {
    guard case .string(let text) = values[place] else { throw mismatch }
    return text
  }

  /// A whole number; doubles that are whole are taken, too, since JSON knows no others.
  func int(_ place: Int) throws(EvaluationError) -> Int {
    switch values[place] {
    case .int(let number): return Int(number)
    case .double(let number):
      if let number = Int(exactly: number) { return number }
      throw mismatch
    default: throw mismatch
    }
  }

  func list(_ place: Int) throws(EvaluationError) -> [Value] {
    guard let elements = values[place].listElements else { throw mismatch }
    return elements
  }

  func optional(_ place: Int) throws(EvaluationError) -> OptionalValue {
    guard case .optional(let optional) = values[place] else { throw mismatch }
    return optional
  }

  func address(_ place: Int) throws(EvaluationError) -> NetworkAddress {
    guard case .address(let address) = values[place] else { throw mismatch }
    return address
  }

  func network(_ place: Int) throws(EvaluationError) -> NetworkRange {
    guard case .network(let network) = values[place] else { throw mismatch }
    return network
  }
}
