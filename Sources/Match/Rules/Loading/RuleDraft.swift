// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import Expressions
import Matching

/// A rule before its actions are looked up.
struct RuleDraft {
  var description = ""
  var isEnabled = true
  var tags: [String] = []
  var triggers: [TriggerDraft] = []
  var condition: YAMLNode?
  var onError = ConditionFailurePolicy.fail
  var steps: [StepDraft] = []
  var tests: [RuleTestDraft] = []

  static let record = Record(
    "a rule",
    make: { _ in RuleDraft() },
    fields: [
      Field("description", "What the rule is for.", .text) { $0.description = $1 },
      Field("enabled", "Whether the rule reacts at all.", .boolean) { $0.isEnabled = $1 },
      Field("tags", "Words by which people find the rule.", .list(.text)) { $0.tags = $1 },
      Field(
        "trigger",
        "The events that the rule reacts to.",
        .oneOrMore(TriggerDraft.record.shape),
        isRequired: true
      ) { $0.triggers = $1 },
      Field(
        "condition",
        "What must hold of the event, in CEL: event.data.size < 1000 && event.data.name.endsWith('.pdf')",
        .node(["type": ["string", "boolean"]])
      ) { $0.condition = $1 },
      Field("on_error", "What becomes of an event for which the condition has no value.", .policy) {
        $0.onError = $1
      },
      Field("actions", "What is done, step by step.", .oneOrMore(StepDraft.record.shape), isRequired: true) {
        $0.steps = $1
      },
      Field("tests", "What the rule must do for some events.", .list(RuleTestDraft.record.shape)) {
        $0.tests = $1
      },
    ],
    unavailable: [
      "debounce", "throttle", "collect", "dedupe", "mode", "max", "max_exceeded",
      "mode_by", "start", "priority",
    ]
  )

  func rule(id: String, _ catalog: any ActionCatalog, _ reader: inout NodeReader) -> Rule? {
    let triggers = triggers.map { $0.trigger(&reader) }
    var known: [String] = []
    var checked: [Step] = []
    for (index, draft) in steps.enumerated() {
      let name = draft.id ?? "step\(index + 1)"
      if known.contains(name) {
        reader.report(.duplicateID, "there is already a step '\(name)'", at: draft.range)
      }
      if let step = draft.step(id: name, earlier: known, catalog, &reader) { checked.append(step) }
      known.append(name)
    }
    let checkedCondition = condition.map { ConditionReader.condition($0, in: .condition, &reader) }
    // A condition that could not be read has been reported.
    if case .some(nil) = checkedCondition { return nil }
    let checkedTests = tests.compactMap { $0.test(steps: known, &reader) }
    guard checked.count == steps.count, !triggers.isEmpty else { return nil }
    return Rule(
      id: id,
      description: description,
      isEnabled: isEnabled,
      tags: tags,
      triggers: triggers,
      condition: checkedCondition ?? nil,
      onError: onError,
      steps: checked,
      tests: checkedTests
    )
  }
}

extension Shape where Value == ConditionFailurePolicy {
  static let policy = Shape(
    schema: ["type": "string", "enum": .array(ConditionFailurePolicy.allCases.map { .string($0.rawValue) })]
  ) { node, reader in
    let word = node.text ?? ""
    if let policy = ConditionFailurePolicy(rawValue: word) { return policy }
    let known = ConditionFailurePolicy.allCases.map(\.rawValue)
    let help = Suggestion.help(for: word, among: known) ?? "give one of \(known.joined(separator: ", "))"
    reader.report(.policy, "there is no policy '\(word)'", at: node.range, help: help)
    return nil
  }
}

/// A trigger as written.
struct TriggerDraft {
  private var types: [YAMLNode] = []
  private(set) var sourceNodes: [YAMLNode] = []
  private var match: YAMLNode?

  static let record = Record(
    "a trigger",
    make: { _ in TriggerDraft() },
    fields: [
      Field("type", "The event's type, or a beginning such as order.*", .oneOrMore(.node(["type": "string"])))
      {
        $0.types = $1
      },
      Field("source", "Where the event comes from.", .oneOrMore(.node(["type": "string"]))) {
        $0.sourceNodes = $1
      },
      Field("match", "A pattern that the event must match.", .node(["type": "object"])) { $0.match = $1 },
    ],
    unavailable: ["sequence", "all", "absent", "threshold", "within", "by"]
  )

  func trigger(_ reader: inout NodeReader) -> Trigger {
    var trigger = Trigger()
    for node in types {
      guard let text = Shape.text.read(node, &reader) else { continue }
      guard let type = TypePattern(text) else {
        let help = "write for example order.created, order.* or *"
        reader.report(.eventType, "'\(text)' is not an event type", at: node.range, help: help)
        continue
      }
      trigger.types.append(type)
    }
    trigger.sources = sourceNodes.compactMap { Shape.text.read($0, &reader) }
    if let match {
      do throws(PatternError) {
        trigger.pattern = try EventPattern(match.json)
        trigger.match = match.json
      } catch {
        reader.report(.pattern, error.message, at: match.place(error.place).range)
      }
    }
    return trigger
  }
}

extension YAMLNode {
  /// The node at the end of a way through keys and elements, or as far as the way leads.
  fileprivate func place(_ way: [PatternError.Step]) -> YAMLNode {
    var node = self
    for step in way {
      switch (step, node.content) {
      case (.key(let key), .mapping(let members)):
        guard let member = members.last(where: { $0.name == key }) else { return node }
        node = member.value
      case (.element(let index), .sequence(let elements)) where elements.indices.contains(index):
        node = elements[index]
      default: return node
      }
    }
    return node
  }
}
