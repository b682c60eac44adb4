// SPDX-License-Identifier: Apache-2.0

import EventModel
import Expressions
import PluginWire

/// Reads what the host does itself.
struct OwnActionReader {
  let templates: TemplateReader

  /// The action under one of the keys of a step, or nil after a report.
  func action(_ key: String, _ node: YAMLNode, _ reader: inout NodeReader) -> Step.Action? {
    switch key {
    case "emit": emit(node, &reader)
    case "wait": wait(node, &reader).map { .wait($0) }
    case "set": set(node, &reader)
    default: text(node, "a reason", &reader).map { .fail($0) }
    }
  }

  private func emit(_ node: YAMLNode, _ reader: inout NodeReader) -> Step.Action? {
    let checker = ParameterChecker(owner: "emit", allowsTemplates: true)
    guard checker.check(node, Self.eventSchema, at: node.range, &reader) else { return nil }
    return templates.value(node, &reader).map { .emit($0) }
  }

  /// What a rule may say of an event that it emits.
  private static let eventSchema = ParameterSchema.object([
    .init("type", .string(allowed: []), isRequired: true, summary: "What happened."),
    .init("subject", .string(allowed: []), isRequired: false, summary: "What it happened to."),
    .init("data", .any, isRequired: false, summary: "What else there is to say."),
  ])

  private func text(_ node: YAMLNode, _ what: String, _ reader: inout NodeReader) -> ValueTemplate? {
    guard node.text != nil else {
      reader.expected(what, node)
      return nil
    }
    return templates.text(node, &reader)
  }

  private func set(_ node: YAMLNode, _ reader: inout NodeReader) -> Step.Action? {
    guard case .mapping(let members) = node.content, !members.isEmpty else {
      reader.expected("names with values", node, help: "write it as { total: \"${{ event.data.total }}\" }")
      return nil
    }
    var isRight = true
    for member in members where !Self.isName(member.name) {
      let help = "a name begins with a letter and goes on with letters, digits and _"
      reader.report(.id, "'\(member.name)' cannot be the name of a value", at: member.key.range, help: help)
      isRight = false
    }
    guard let value = templates.value(node, &reader), isRight else { return nil }
    return .set(value)
  }

  private static func isName(_ text: String) -> Bool {
    let isWord = text.utf8.allSatisfy { byte in
      byte == UInt8(ascii: "_") || (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
    }
    return isWord && text.utf8.first.map { $0 > 0x39 } ?? false
  }

  private func wait(_ node: YAMLNode, _ reader: inout NodeReader) -> Step.Wait? {
    if case .mapping = node.content {
      guard let until = UntilDraft.record.read(node, &reader)?.until,
        let value = text(until, "an instant", &reader)
      else { return nil }
      guard value.constantJSON == nil || Timestamp(rfc3339: until.text ?? "") != nil else {
        let help = "write it like 2026-01-31T07:00:00Z, or as an expression in ${{ }}"
        reader.report(.policy, "'\(until.text ?? "")' is not an instant", at: until.range, help: help)
        return nil
      }
      return .until(value)
    }
    guard let value = text(node, "a duration such as 10m, or { until: … }", &reader) else { return nil }
    guard value.constantJSON == nil || Shape.duration.read(node, &reader) != nil else { return nil }
    return .span(value)
  }

  /// An end of waiting, as written.
  private struct UntilDraft {
    var until: YAMLNode?

    static let record = Record(
      "a wait",
      make: { _ in UntilDraft() },
      fields: [
        Field("until", "The instant at which the run goes on.", .node(["type": "string"]), isRequired: true) {
          $0.until = $1
        }
      ]
    )
  }
}
