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
      return Condition(expression: expression, place: place(of: text, at: node, reader))
    } catch {
      for error in error.errors { reader.report(error, in: node) }
      return nil
    }
  }

  /// Where the text of a node begins.
  static func place(of text: String, at node: YAMLNode, _ reader: NodeReader) -> Condition.Place {
    let start = reader.source.place(of: node.place(of: firstLine(of: text), in: reader.source).lowerBound)
    return Condition.Place(file: reader.source.name, line: start.line, column: start.column)
  }

  /// The first line of a text, which tells where a condition over several lines begins.
  private static func firstLine(of text: String) -> Range<Int> {
    0..<(text.utf8.firstIndex(of: UInt8(ascii: "\n")).map {
      text.utf8.distance(from: text.startIndex, to: $0)
    } ?? text.utf8.count)
  }
}
