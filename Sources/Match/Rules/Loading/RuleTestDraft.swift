// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import Expressions

/// A test of a rule as written.
struct RuleTestDraft {
  private let range: Range<Int>
  private var name = ""
  private var given: [YAMLNode] = []
  private var expected: [ExpectationDraft] = []
  private var environment: YAMLNode?
  private var outputs: YAMLNode?
  private var failures: YAMLNode?

  private init(range: Range<Int>) { self.range = range }

  static let record = Record(
    "a test",
    make: { RuleTestDraft(range: $0) },
    fields: [
      Field("name", "What the rule must do, as a sentence.", .text, isRequired: true) { $0.name = $1 },
      Field(
        "given",
        "The events that happen; 'at' says when, counted from the beginning.",
        .oneOrMore(.node(["type": "object"])),
        isRequired: true
      ) { $0.given = $1 },
      Field(
        "expect",
        "All that the rule does, in order; an empty list for nothing.",
        .list(ExpectationDraft.record.shape),
        isRequired: true
      ) { $0.expected = $1 },
      Field("env", "Variables of the environment.", .node(["type": "object"])) { $0.environment = $1 },
      Field("outputs", "What steps yield, by their ids.", .node(["type": "object"])) { $0.outputs = $1 },
      Field("failures", "Why steps fail, by their ids.", .node(["type": "object"])) { $0.failures = $1 },
    ]
  )

  func test(steps: StepNames, _ reader: inout NodeReader) -> RuleTest? {
    let given = given.compactMap { Self.given($0, &reader) }
    let expected = expected.compactMap { $0.expected(steps: steps, &reader) }
    let outputs = Self.outputs(outputs, steps: steps, &reader)
    guard given.count == self.given.count, expected.count == self.expected.count else { return nil }
    let place = reader.source.place(of: range.lowerBound)
    return RuleTest(
      name: name,
      place: Condition.Place(file: reader.source.name, line: place.line, column: place.column),
      given: given,
      environment: Self.texts(environment, &reader),
      outputs: outputs,
      failures: Self.outputs(failures, steps: steps, &reader).mapValues { $0.string ?? $0.json },
      expected: expected
    )
  }

  private static func given(_ node: YAMLNode, _ reader: inout NodeReader) -> RuleTest.Given? {
    guard case .mapping(let members) = node.content else {
      reader.expected("an event such as { type: order.created, data: { total: 5 } }", node)
      return nil
    }
    var offset: Duration? = .zero
    var attributes: [JSONValue.Member] = []
    for member in members {
      if member.name == "at" {
        offset = Shape.duration.read(member.value, &reader)
      } else {
        attributes.append(JSONValue.Member(member.name, member.value.json))
      }
    }
    let event = JSONValue.object(attributes)
    guard event["type"]?.string != nil else {
      reader.report(
        .missingKey,
        "an event needs a 'type'",
        at: node.range.lowerBound..<node.range.lowerBound + 1
      )
      return nil
    }
    return offset.map { RuleTest.Given(event: event, offset: $0) }
  }

  private static func texts(_ node: YAMLNode?, _ reader: inout NodeReader) -> [String: String] {
    guard let node else { return [:] }
    guard case .mapping(let members) = node.content else {
      reader.expected("a mapping from names to texts", node)
      return [:]
    }
    return Dictionary(members.map { ($0.name, $0.value.text ?? "") }) { first, _ in first }
  }

  private static func outputs(
    _ node: YAMLNode?,
    steps: StepNames,
    _ reader: inout NodeReader
  ) -> [String: JSONValue] {
    guard let node else { return [:] }
    guard case .mapping(let members) = node.content else {
      reader.expected("a mapping from ids of steps", node)
      return [:]
    }
    for member in members where !steps.contains(member.name) {
      ExpectationDraft.reportUnknown(member.key, steps, &reader)
    }
    return Dictionary(members.map { ($0.name, $0.value.json) }) { first, _ in first }
  }
}

/// One thing that a test expects, as written.
struct ExpectationDraft {
  private let range: Range<Int>
  private var action: YAMLNode?
  private var with: YAMLNode?
  private var emit: YAMLNode?
  private var failure: YAMLNode?
  private var offset: Duration?

  private init(range: Range<Int>) { self.range = range }

  static let record = Record(
    "an expectation",
    make: { ExpectationDraft(range: $0) },
    fields: [
      Field("action", "The id of the step that is made.", .node(["type": "string"])) { $0.action = $1 },
      Field("with", "The step's parameters, as far as they matter.", .node(["type": "object"])) {
        $0.with = $1
      },
      Field("emit", "An event that is emitted, as far as it matters.", .node(["type": "object"])) {
        $0.emit = $1
      },
      Field(
        "failure",
        "The code of the error for which the condition has no value, such as no-such-field, or any.",
        .node(["type": "string"])
      ) { $0.failure = $1 },
      Field("at", "When it happens, counted from the beginning.", .duration) { $0.offset = $1 },
    ]
  )

  func expected(steps: StepNames, _ reader: inout NodeReader) -> RuleTest.Expected? {
    expectation(steps: steps, &reader).map { RuleTest.Expected(expectation: $0, offset: offset) }
  }

  private func expectation(steps: StepNames, _ reader: inout NodeReader) -> RuleTest.Expectation? {
    guard [action, emit, failure].compactMap({ $0 }).count == 1 else {
      reader.report(
        .stepAction,
        "an expectation is one of action, emit and failure",
        at: range.lowerBound..<range.lowerBound + 1
      )
      return nil
    }
    let templates = TemplateReader(environment: .step(after: .init(), allowsSecrets: false))
    if let failure { return .failure(code: failure.text == "any" ? nil : failure.text) }
    if let emit { return templates.value(emit, &reader).map { .emit($0) } }
    guard let action, let step = action.text else { return nil }
    guard steps.contains(step) else {
      Self.reportUnknown(action, steps, &reader)
      return nil
    }
    guard let with else { return .action(step: step, with: nil) }
    return templates.value(with, &reader).map { .action(step: step, with: $0) }
  }

  static func reportUnknown(_ node: YAMLNode, _ steps: StepNames, _ reader: inout NodeReader) {
    let help =
      Suggestion.help(for: node.text ?? "", among: steps.own)
      ?? "the steps are \(steps.own.joined(separator: ", "))"
    reader.report(.unknownStep, "the rule has no step '\(node.text ?? "")'", at: node.range, help: help)
  }
}

/// The steps of which a rule's tests may speak.
struct StepNames {
  /// The ids of its own.
  let own: [String]
  /// Whether the rule calls others, whose steps are named with their rule, as `rule.step`.
  let hasCalls: Bool

  func contains(_ name: String) -> Bool {
    if own.contains(name) { return true }
    let parts = name.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    return hasCalls && parts.count == 2 && !own.contains(String(parts[0]))
  }
}
