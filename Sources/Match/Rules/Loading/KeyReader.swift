// SPDX-License-Identifier: Apache-2.0

import Crypto
import Diagnostics
import EventModel
import Expressions
import Timing

/// Reads the expressions by which events are told apart.
enum KeyReader {
  /// The key that a scalar holds: nil when there is no node, `.some(nil)` after a report.
  static func key(
    _ node: YAMLNode?,
    in environment: ExpressionEnvironment = .key,
    _ reader: inout NodeReader
  ) -> Key?? {
    guard let node else { return nil }
    guard let text = Shape.text.read(node, &reader) else { return .some(nil) }
    do throws(ExpressionErrors) {
      let expression = try Expression(text, in: environment)
      return Key(expression: expression, place: ConditionReader.place(of: text, at: node, reader))
    } catch {
      for error in error.errors { reader.report(error, in: node) }
      return .some(nil)
    }
  }
}

extension Windowing {
  /// Names the windows of a rule's part.
  init(
    _ kind: Kind,
    _ machine: any TimeOperator,
    by: Key?,
    of rule: String,
    elements: [Trigger] = []
  ) {
    let hash = Self.hash(by: by, elements: elements)
    self.init(
      kind: kind,
      machine: machine,
      by: by,
      owner: WindowOwner(rule: rule, kind: kind, hash: hash)
    )
  }

  /// A short hash of what says which events are meant and tells them apart.
  static func hash(by: Key?, elements: [Trigger]) -> String {
    var hash = SHA256()
    hash.update(data: Array((by?.expression.text ?? "").utf8))
    for element in elements {
      let types = element.types.map { $0.text + ($0.isPrefix ? "*" : "") }
      let parts = [
        types.joined(separator: ","), element.sources.joined(separator: ","), element.match?.json ?? "",
      ]
      hash.update(data: Array(("\u{0}" + parts.joined(separator: "\u{0}")).utf8))
    }
    return hash.finalize().withUnsafeBytes { Hexadecimal.text($0.prefix(4)) }
  }
}
