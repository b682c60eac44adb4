// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import Expressions
import PluginWire

/// A command as written.
struct CommandDraft {
  private var description = ""
  private var parameters: [Identified<ParameterDraft>] = []
  private var requirements: [RequirementDraft] = []
  private var events: [YAMLNode] = []
  private var refusal: YAMLNode?

  static let record = Record(
    "a command",
    make: { _ in CommandDraft() },
    fields: [
      Field("description", "What it does.", .text) { $0.description = $1 },
      Field("parameters", "What is to be said with it.", .byID(ParameterDraft.shape)) { $0.parameters = $1 },
      Field("require", "What must hold, one after another.", .oneOrMore(RequirementDraft.record.shape)) {
        $0.requirements = $1
      },
      Field(
        "emit",
        "The events that it appends, each with a condition of its own if need be.",
        .oneOrMore(.node(["type": "object"])),
        isRequired: true
      ) { $0.events = $1 },
      Field("refused", "The type of the event that tells of a refusal.", .node(["type": "string"])) {
        $0.refusal = $1
      },
    ]
  )

  /// The command, or nil after a report.
  func command(named name: String, of aggregate: AggregateParts, _ reader: inout NodeReader)
    -> Aggregate.Command?
  {
    let environment = ExpressionEnvironment.deciding(
      fields: aggregate.fields,
      parameters: parameters.map(\.id)
    )
    let templates = TemplateReader(environment: environment)
    let requirements = requirements.compactMap { $0.requirement(templates, &reader) }
    let events = events.compactMap { EmittedDraft($0).event(of: aggregate, templates, &reader) }
    let refusal = refusal.map { EventTypeReader.type($0, &reader) }
    guard requirements.count == self.requirements.count, events.count == self.events.count else { return nil }
    if case .some(nil) = refusal { return nil }
    return Aggregate.Command(
      name: name,
      description: description,
      parameters: .object(parameters.map { $0.value.property($0.id) }),
      requirements: requirements,
      events: events,
      refusal: refusal ?? nil
    )
  }
}

/// What must hold for a command to be accepted, as written.
struct RequirementDraft {
  private var condition: YAMLNode?
  private var message: YAMLNode?

  static let record = Record(
    "a requirement",
    make: { _ in RequirementDraft() },
    fields: [
      Field(
        "condition",
        "What must be true, in CEL over `state` and `command`.",
        .node(["type": ["string", "boolean"]]),
        isRequired: true
      ) { $0.condition = $1 },
      Field("message", "What is said when it is not.", .node(["type": "string"]), isRequired: true) {
        $0.message = $1
      },
    ]
  )

  func requirement(_ templates: TemplateReader, _ reader: inout NodeReader) -> Aggregate.Requirement? {
    let condition = condition.flatMap {
      ConditionReader.condition($0, in: templates.environment, &reader)
    }
    let message = message.flatMap { templates.text($0, &reader) }
    guard let condition, let message else { return nil }
    return Aggregate.Requirement(condition: condition, message: message)
  }
}

/// An event that a command appends, as written.
struct EmittedDraft {
  private let node: YAMLNode

  init(_ node: YAMLNode) { self.node = node }

  /// The event, or nil after a report.
  func event(of aggregate: AggregateParts, _ templates: TemplateReader, _ reader: inout NodeReader)
    -> Aggregate.Emitted?
  {
    guard case .mapping(let members) = node.content else {
      reader.expected("an event", node, help: "write it as { type: Deposited, data: { … } }")
      return nil
    }
    var condition: Condition??
    if let member = members.first(where: { $0.name == "condition" }) {
      condition = ConditionReader.condition(member.value, in: templates.environment, &reader)
    }
    let event = YAMLNode(content: .mapping(members.filter { $0.name != "condition" }), range: node.range)
    let action = OwnActionReader(templates: templates).action("emit", event, &reader)
    guard case .emit(let template)? = action else { return nil }
    if case .some(nil) = condition { return nil }
    guard isKnown(members, of: aggregate, &reader) else { return nil }
    return Aggregate.Emitted(condition: condition ?? nil, event: template)
  }

  /// Whether the event changes the state; one that did not would not be part of its stream.
  private func isKnown(_ members: [YAMLNode.Member], of aggregate: AggregateParts, _ reader: inout NodeReader)
    -> Bool
  {
    guard let type = members.first(where: { $0.name == "type" })?.value else { return true }
    let text = type.text ?? ""
    if aggregate.types.contains(text) { return true }
    let help =
      text.contains("${{")
      ? "the type must stand here as it is"
      : Suggestion.help(for: text, among: aggregate.types.sorted())
        ?? "say under 'evolve' how '\(text)' changes the state; `\(text): state` leaves it as it is"
    let message = "the aggregate '\(aggregate.id)' is not changed by '\(text)'"
    reader.report(.unknownEvolution, message, at: type.range, help: help)
    return false
  }
}
