// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import Expressions
import PluginWire

/// A step before its action is looked up.
struct StepDraft {
  let range: Range<Int>
  private(set) var id: String?
  private var run: YAMLNode?
  private var uses: YAMLNode?
  private var with: YAMLNode?
  private var emit: YAMLNode?
  private var condition: YAMLNode?
  private var timeout: Duration?
  private var retry: RetryPolicy?

  private init(range: Range<Int>) { self.range = range }

  static let record = Record(
    "a step",
    make: { StepDraft(range: $0) },
    fields: [
      Field("id", "The name by which later steps call this one.", .node(["type": "string"])) { step, node in
        step.id = node.text
      },
      Field("run", "A command and its arguments.", .node(["type": "array"])) { $0.run = $1 },
      Field("uses", "A plugin's action, as plugin.action.", .node(["type": "string"])) { $0.uses = $1 },
      Field("with", "The action's parameters.", .node(["type": "object"])) { $0.with = $1 },
      Field("emit", "An event to append.", .node(["type": "object"])) { $0.emit = $1 },
      Field(
        "condition",
        "What must hold for the step to be made, in CEL; otherwise it is passed over.",
        .node(["type": ["string", "boolean"]])
      ) { $0.condition = $1 },
      Field("timeout", "How long an attempt may take.", .duration) { $0.timeout = $1 },
      Field("retry", "How a failure is tried again.", RetryPolicy.record.shape) { $0.retry = $1 },
    ],
    unavailable: [
      "compensate", "continue_on_error", "wait", "await", "parallel", "choose", "for_each",
      "set",
      "fail",
    ]
  )

  func step(
    id: String,
    earlier: [String],
    _ catalog: any ActionCatalog,
    _ reader: inout NodeReader
  ) -> Step? {
    let condition = condition.map {
      ConditionReader.condition($0, in: .step(after: earlier, allowsSecrets: false), &reader)
    }
    guard let action = action(earlier, catalog, &reader) else { return nil }
    if case .some(nil) = condition { return nil }
    return Step(
      id: id,
      condition: condition ?? nil,
      action: action,
      effects: Self.effects(of: action, catalog),
      timeout: timeout ?? .seconds(60),
      retry: retry
    )
  }

  private static func effects(
    of action: Step.Action,
    _ catalog: any ActionCatalog
  ) -> ActionDescription.Effects {
    // An event is appended with the outcome of its step, so it cannot be there twice.
    guard case .invoke(let plugin, let name, _) = action else { return .none }
    return catalog.plugin(named: plugin)?.action(named: name)?.effects ?? .irreversible
  }

  private func action(
    _ earlier: [String],
    _ catalog: any ActionCatalog,
    _ reader: inout NodeReader
  ) -> Step.Action? {
    let given = [run, uses, emit].compactMap { $0 }
    guard given.count == 1 else {
      let message = given.isEmpty ? "the step does nothing" : "the step has \(given.count) actions"
      let place = given.dropFirst().first?.range ?? range.lowerBound..<range.lowerBound + 1
      reader.report(.stepAction, message, at: place, help: "give one of run, uses and emit")
      return nil
    }
    if let with, uses == nil {
      reader.report(.stepAction, "'with' belongs to 'uses'", at: with.range)
      return nil
    }
    let templates = TemplateReader(environment: .step(after: earlier, allowsSecrets: false))
    if let emit { return self.emit(emit, templates, &reader) }
    if let run { return command(run, templates, catalog, &reader) }
    let parameters = TemplateReader(environment: .step(after: earlier, allowsSecrets: true))
    return uses.flatMap { invocation($0, parameters, catalog, &reader) }
  }

  private func emit(
    _ node: YAMLNode,
    _ templates: TemplateReader,
    _ reader: inout NodeReader
  ) -> Step.Action? {
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

  /// `run: [argv]` is short for the action `command.run`.
  private func command(
    _ argv: YAMLNode,
    _ templates: TemplateReader,
    _ catalog: any ActionCatalog,
    _ reader: inout NodeReader
  ) -> Step.Action? {
    guard case .sequence(let words) = argv.content, !words.isEmpty else {
      let help = "write it as a list of words: [mv, a, b]"
      reader.expected("a command as a list", argv, help: help)
      return nil
    }
    guard catalog.plugin(named: "command")?.action(named: "run") != nil else {
      reader.report(.unknownPlugin, "the plugin 'command', which runs commands, is missing", at: argv.range)
      return nil
    }
    let values = words.compactMap { word -> ValueTemplate? in
      guard word.text != nil else {
        reader.expected("a word of the command", word)
        return nil
      }
      return templates.text(word, &reader)
    }
    guard values.count == words.count else { return nil }
    let with = ValueTemplate.object([ValueTemplate.Member("run", .list(values))])
    return .invoke(plugin: "command", action: "run", with: with)
  }

  private func invocation(
    _ uses: YAMLNode,
    _ templates: TemplateReader,
    _ catalog: any ActionCatalog,
    _ reader: inout NodeReader
  ) -> Step.Action? {
    guard let name = Shape.text.read(uses, &reader) else { return nil }
    let parts = name.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let plugin = catalog.plugin(named: parts[0]) else {
      let help = Suggestion.help(for: parts[0], among: catalog.pluginNames)
      reader.report(.unknownPlugin, "there is no plugin '\(parts[0])'", at: uses.range, help: help)
      return nil
    }
    guard parts.count == 2, let action = plugin.action(named: parts[1]) else {
      let names = plugin.actions.map { "\(plugin.name).\($0.name)" }
      let word = parts.count == 2 ? parts[1] : ""
      let message = "the plugin '\(plugin.name)' has no action '\(word)'"
      reader.report(.unknownAction, message, at: uses.range, help: Suggestion.help(for: name, among: names))
      return nil
    }
    let checker = ParameterChecker(owner: name, allowsTemplates: true)
    let isRight = checker.check(with, action.parameters, at: uses.range, &reader)
    let value = with.map { templates.value($0, &reader) } ?? .object([])
    guard isRight, let value else { return nil }
    return .invoke(plugin: plugin.name, action: action.name, with: value)
  }
}

extension RetryPolicy {
  static let record = Record(
    "a retry",
    make: { _ in RetryPolicy() },
    fields: [
      Field("attempts", "The number of attempts in all.", .integer(1...1000)) { $0.attempts = $1 },
      Field("initial", "The pause after the first failure.", .duration) { $0.initial = $1 },
      Field("backoff", "What each further pause is multiplied with.", .number(1...100)) { $0.backoff = $1 },
      Field("max", "The longest pause.", .duration) { $0.maximum = $1 },
      Field("jitter", "The share by which a pause may be moved.", .number(0...1)) { $0.jitter = $1 },
    ]
  )
}
