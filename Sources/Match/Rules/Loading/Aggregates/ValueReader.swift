// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Expressions

/// Reads expressions whose values become parts of a state or of data.
struct ValueReader {
  /// What the expressions may speak of.
  let environment: ExpressionEnvironment

  /// The expression that a scalar holds, or nil after a report.
  func value(_ node: YAMLNode, _ reader: inout NodeReader) -> Condition? {
    guard let text = node.text else {
      reader.expected("an expression such as state.balance + event.data.amount", node)
      return nil
    }
    do throws(ExpressionErrors) {
      let expression = try Expression(text, in: environment)
      return Condition(expression: expression, place: ConditionReader.place(of: text, at: node, reader))
    } catch {
      for error in error.errors { reader.report(error, in: node) }
      return nil
    }
  }

  /// Names with their expressions, or nil after a report.
  func members(_ node: YAMLNode, _ reader: inout NodeReader) -> [(name: String, value: Condition)]? {
    guard case .mapping(let members) = node.content else {
      reader.expected("names with their values", node)
      return nil
    }
    let values = members.compactMap { member in
      value(member.value, &reader).map { (name: member.name, value: $0) }
    }
    return values.count == members.count ? values : nil
  }
}
