// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Expressions

/// Reads conditions.
enum ConditionReader {
  /// The condition that a scalar holds, or nil after a report.
  static func condition(
    _ node: YAMLNode,
    in environment: ExpressionEnvironment,
    _ reader: inout NodeReader
  ) -> Condition? {
    guard let text = node.text else {
      reader.expected("a condition such as event.data.size > 10", node)
      return nil
    }
    do throws(ExpressionErrors) {
      let expression = try Expression(text, in: environment, as: .bool)
      let start = reader.source.place(of: node.contentStart)
      let place = Condition.Place(file: reader.source.name, line: start.line, column: start.column)
      return Condition(expression: expression, place: place)
    } catch {
      for error in error.errors { reader.report(error, in: node) }
      return nil
    }
  }
}

extension YAMLNode {
  /// Where a scalar's text begins, as far as that is known.
  fileprivate var contentStart: Int {
    if case .scalar(let scalar) = content, let start = scalar.contentStart { return start }
    return range.lowerBound
  }
}
