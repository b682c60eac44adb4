// SPDX-License-Identifier: Apache-2.0

import EventModel
import Expressions

/// Reads values whose texts may hold expressions.
struct TemplateReader {
  /// What the expressions may speak of.
  let environment: ExpressionEnvironment

  /// The value of a node of any kind, or nil after a report.
  func value(_ node: YAMLNode, _ reader: inout NodeReader) -> ValueTemplate? {
    switch node.content {
    case .scalar(let scalar):
      if case .string = scalar.value { return text(node, &reader) }
      return .constant(scalar.value)
    case .sequence(let elements):
      let values = elements.compactMap { value($0, &reader) }
      return values.count == elements.count ? .list(values) : nil
    case .mapping(let members):
      let values = members.compactMap { member in
        value(member.value, &reader).map { ValueTemplate.Member(member.name, $0) }
      }
      return values.count == members.count ? .object(values) : nil
    }
  }

  /// The value of a scalar taken as text.
  func text(_ node: YAMLNode, _ reader: inout NodeReader) -> ValueTemplate? {
    do throws(ExpressionErrors) {
      let template = try Template(node.text ?? "", in: environment)
      if template.expressions.isEmpty, let constant = try? template.value(in: Scope(event: nil)) {
        return .constant(constant)
      }
      return .template(template)
    } catch {
      for error in error.errors { reader.report(error, in: node) }
      return nil
    }
  }
}
