// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import Expressions

/// Reads values whose texts may hold expressions.
struct TemplateReader {
  /// The ids of the steps whose outputs exist by then.
  let earlierSteps: [String]

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
    do throws(TemplateErrors) {
      let template = try Template(node.text ?? "")
      return check(template, node, &reader) ? .template(template) : nil
    } catch {
      for error in error.errors { reader.report(error, in: node) }
      return nil
    }
  }

  private func check(_ template: Template, _ node: YAMLNode, _ reader: inout NodeReader) -> Bool {
    for path in template.paths where path.root == .steps {
      guard case .member(let step)? = path.accessors.first else { continue }
      guard !earlierSteps.contains(step) else { continue }
      let help = Suggestion.help(for: step, among: earlierSteps)
      reader.report(.unknownStep, "no step '\(step)' comes before this one", at: node.range, help: help)
      return false
    }
    return true
  }
}
