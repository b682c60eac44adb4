// SPDX-License-Identifier: Apache-2.0

import Diagnostics

/// Telling of calls that cannot be.
extension TypeChecker {
  mutating func reportUnknownFunction(
    _ name: String,
    _ isMember: Bool,
    _ types: [ExpressionType],
    _ syntax: Syntax
  ) {
    guard environment.functions.names.contains(name) else {
      let help = Suggestion.help(for: name, among: environment.functions.names.sorted())
      report(.unknownFunction, "there is no function '\(name)'", at: syntax.range, help: help)
      return
    }
    let given = isMember ? types.count - 1 : types.count
    if environment.function(name, isMember: !isMember, arity: types.count) != nil, !types.isEmpty {
      let help = isMember ? "write \(name)(value)" : "write value.\(name)(…)"
      report(.unknownFunction, "'\(name)' is not called in this way", at: syntax.range, help: help)
      return
    }
    let count = given == 1 ? "1 argument" : "\(given) arguments"
    report(.unknownFunction, "'\(name)' does not take \(count)", at: syntax.range)
  }

  mutating func reportMismatch(
    _ function: Function,
    _ types: [ExpressionType],
    _ arguments: [Syntax],
    _ syntax: Syntax
  ) {
    let found = types.map(text)
    if let symbol = Self.symbol(of: function.name), types.count == 2 {
      report(
        .type,
        "\(found[0]) \(symbol) \(found[1]) is not possible",
        at: syntax.range,
        help: Self.helpForOperator(symbol, found)
      )
      return
    }
    let known = function.signatures.map { signature in
      let parameters = signature.parameters.map { "\($0)" }
      return function.isMember
        ? "\(parameters[0]).\(function.name)(\(parameters.dropFirst().joined(separator: ", ")))"
        : "\(function.name)(\(parameters.joined(separator: ", ")))"
    }
    report(
      .type,
      "'\(function.name)' does not take \(found.joined(separator: ", "))",
      at: syntax.range,
      help: "it is " + known.prefix(4).joined(separator: ", or ")
    )
  }

  private static func helpForOperator(_ symbol: String, _ types: [String]) -> String? {
    let numbers: Set<String> = ["int", "uint", "double"]
    if symbol == "+", types.contains("string") { return "make a text of the other one: string(…)" }
    if types.allSatisfy(numbers.contains) { return "convert one of them: double(…), int(…) or uint(…)" }
    return nil
  }

  /// The operator that a function's name stands for.
  private static func symbol(of name: String) -> String? {
    if name == "@in" { return "in" }
    guard name.hasPrefix("_"), name.hasSuffix("_"), name.count <= 4 else { return nil }
    return String(name.dropFirst().dropLast())
  }
}
