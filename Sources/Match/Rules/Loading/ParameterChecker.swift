// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import PluginWire

/// Compares a node with the schema of an action's parameters or of a source's options.
struct ParameterChecker {
  /// Whose parameters they are, for messages.
  let owner: String
  /// Whether a text may stand for a value of another type by being one whole expression.
  let allowsTemplates: Bool

  /// Whether everything fits; `place` is where a missing mapping would stand.
  func check(
    _ node: YAMLNode?,
    _ schema: ParameterSchema,
    at place: Range<Int>,
    _ reader: inout NodeReader
  ) -> Bool {
    guard let node else {
      guard case .object(let properties) = schema else { return true }
      return reportMissing(properties, given: [], at: place, &reader)
    }
    return check(node, schema, name: "with", &reader)
  }

  private func check(
    _ node: YAMLNode,
    _ schema: ParameterSchema,
    name: String,
    _ reader: inout NodeReader
  ) -> Bool {
    if allowsTemplates, let text = node.text, text.hasPrefix("${{"), text.hasSuffix("}}") { return true }
    switch (schema, node.content) {
    case (.any, _): return true
    case (.object(let properties), .mapping(let members)): return check(members, properties, node, &reader)
    case (.map(let value), .mapping(let members)):
      return members.map { check($0.value, value, name: $0.name, &reader) }.allSatisfy { $0 }
    case (.list(let element), .sequence(let elements)):
      return elements.map { check($0, element, name: name, &reader) }.allSatisfy { $0 }
    case (_, .scalar(let scalar)): return check(scalar, node, schema, name, &reader)
    default: return report(node, schema, name, &reader)
    }
  }

  private func check(
    _ scalar: YAMLScalar,
    _ node: YAMLNode,
    _ schema: ParameterSchema,
    _ name: String,
    _ reader: inout NodeReader
  ) -> Bool {
    switch (schema, scalar.value) {
    case (.string(let allowed), .string(let text)):
      if allowed.isEmpty || allowed.contains(text) || (allowsTemplates && text.contains("${{")) {
        return true
      }
      let help = Suggestion.help(for: text, among: allowed)
      reader.report(.parameter, "'\(text)' is not possible for '\(name)'", at: node.range, help: help)
      return false
    case (.integer, .number(let text)) where Int(text) != nil: return true
    case (.number, .number), (.boolean, .bool): return true
    default: return report(node, schema, name, &reader)
    }
  }

  private func report(
    _ node: YAMLNode,
    _ schema: ParameterSchema,
    _ name: String,
    _ reader: inout NodeReader
  ) -> Bool {
    let message = "\(schema.noun) was expected for '\(name)', not \(node.summary)"
    reader.report(.parameter, message, at: node.range)
    return false
  }

  private func check(
    _ members: [YAMLNode.Member],
    _ properties: [ParameterSchema.Property],
    _ node: YAMLNode,
    _ reader: inout NodeReader
  ) -> Bool {
    var isRight = true
    for member in members {
      guard let property = properties.first(where: { $0.name == member.name }) else {
        let help = Suggestion.help(for: member.name, among: properties.map(\.name))
        let message = "\(owner) has no parameter '\(member.name)'"
        reader.report(.unknownParameter, message, at: member.key.range, help: help)
        isRight = false
        continue
      }
      isRight = check(member.value, property.schema, name: property.name, &reader) && isRight
    }
    let place = node.range.lowerBound..<node.range.lowerBound + 1
    return reportMissing(properties, given: members.map(\.name), at: place, &reader) && isRight
  }

  private func reportMissing(
    _ properties: [ParameterSchema.Property],
    given: [String],
    at place: Range<Int>,
    _ reader: inout NodeReader
  ) -> Bool {
    let missing = properties.filter { $0.isRequired && !given.contains($0.name) }
    for property in missing {
      let help = property.summary.isEmpty ? nil : property.summary
      reader.report(.missingParameter, "\(owner) needs '\(property.name)'", at: place, help: help)
    }
    return missing.isEmpty
  }
}
