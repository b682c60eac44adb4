// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import Expressions
import PluginWire

/// A step before its action is looked up.
struct StepDraft {
  let range: Range<Int>
  private(set) var id: String?
  private var actions: [(key: String, value: YAMLNode)] = []
  private var choices: [ChoiceDraft] = []
  private var awaited: AwaitDraft?
  private var otherwise: [StepDraft] = []
  private var fork = ForkDraft()
  /// What takes the step back; one step, or none.
  private(set) var compensation: [StepDraft] = []
  private var with: YAMLNode?
  private var condition: YAMLNode?
  private var timeout: Duration?
  private var retry: RetryPolicy?
  private var continuesOnError = false

  private init(range: Range<Int>) { self.range = range }

  /// A list of steps, or one alone, as they stand in rules and in steps.
  static let steps: Shape<[StepDraft]> = .oneOrMore(step)

  private static let step: Shape<StepDraft> = Shape(schema: ["$ref": "#/$defs/step"]) { node, reader in
    record.read(node, &reader)
  }

  static let record: Record<StepDraft> = Record(
    "a step",
    make: { StepDraft(range: $0) },
    fields: [
      Field("id", "The name by which later steps call this one.", .node(["type": "string"])) { step, node in
        step.id = node.text
      },
      action("run", "A command and its arguments.", ["type": "array"]),
      action("uses", "A plugin's action, as plugin.action.", ["type": "string"]),
      Field("with", "The action's parameters.", .node(["type": "object"])) { $0.with = $1 },
      action("emit", "An event to append.", ["type": "object"]),
      action("wait", "How long nothing is done, or until when.", ["type": ["string", "object"]]),
      action("set", "Values that later steps find under vars.", ["type": "object"]),
      action("fail", "The run is given up, for this reason.", ["type": "string"]),
      Field("choose", "Ways on, of which the first is taken whose condition holds.", ways) {
        step,
        choices in
        step.choices = choices.list
        step.actions.append(("choose", choices.node))
      },
      Field("await", "An event for which nothing is done until it comes.", awaited) { step, awaited in
        step.awaited = awaited.draft
        step.actions.append(("await", awaited.node))
      },
      Field("else", "What is done when no way is open, or nothing has come in time.", steps) {
        $0.otherwise = $1
      },
      Field("parallel", "Steps, or lists of steps, that are made side by side.", branches) { step, branches in
        step.fork.blocks = branches.list
        step.actions.append(("parallel", branches.node))
      },
      action(
        "for_each",
        "A list; the actions are made for each of its items.",
        ["type": ["string", "array"]]
      ),
      Field("actions", "What is done for each item, which is `item`, step by step.", steps) {
        $0.fork.actions = $1
      },
      Field("concurrency", "For how many items something is done at once.", .placed(.integer(1...1000))) {
        $0.fork.concurrency = $1
      },
      Field("wait_for", "How many branches must succeed: all, any, or a number.", .placed(.waitFor)) {
        $0.fork.waitFor = $1
      },
      action("call", "A rule whose actions are made, which finds `with` under input.", ["type": "string"]),
      Field(
        "condition",
        "What must hold for the step to be made, in CEL; otherwise it is passed over.",
        .node(["type": ["string", "boolean"]])
      ) { $0.condition = $1 },
      Field("timeout", "How long an attempt may take.", .duration) { $0.timeout = $1 },
      Field("retry", "How a failure is tried again.", RetryPolicy.record.shape) { $0.retry = $1 },
      Field("continue_on_error", "Whether the run goes on when the step has failed for good.", .boolean) {
        $0.continuesOnError = $1
      },
      Field("compensate", "What takes the step back when the run fails later.", step) {
        $0.compensation = [$1]
      },
    ]
  )

  /// A key that says what is done; a step has one of them.
  private static func action(_ key: String, _ summary: String, _ schema: JSONValue) -> Field<StepDraft> {
    Field(key, summary, .node(schema)) { $0.actions.append((key, $1)) }
  }

  private static let ways: Shape<(list: [ChoiceDraft], node: YAMLNode)> = Shape(
    schema: ["type": "array", "items": ChoiceDraft.record.shape.schema]
  ) { node, reader in
    let list = Shape<[ChoiceDraft]>.list(ChoiceDraft.record.shape).read(node, &reader)
    if list?.isEmpty == true { reader.report(.range, "the list is empty", at: node.range) }
    // What is no list has been reported; it is a choice all the same.
    return (list ?? [], node)
  }

  private static let branches: Shape<(list: [[StepDraft]], node: YAMLNode)> = Shape(
    schema: ["type": "array", "items": steps.schema]
  ) { node, reader in
    let list = Shape<[[StepDraft]]>.list(steps).read(node, &reader)
    if list?.isEmpty == true { reader.report(.range, "the list is empty", at: node.range) }
    return (list ?? [], node)
  }

  private static let awaited: Shape<(draft: AwaitDraft?, node: YAMLNode)> = Shape(
    schema: AwaitDraft.record.shape.schema
  ) { node, reader in (AwaitDraft.record.read(node, &reader), node) }

  private static let keys = [
    "run", "uses", "emit", "wait", "await", "set", "fail", "choose", "parallel", "for_each", "call",
  ]

  /// The steps in this one: those of each way on, or of each branch.
  var blocks: [[StepDraft]] {
    if isFork { return fork.actions.isEmpty ? fork.blocks : [fork.actions] }
    return choices.map(\.steps) + (otherwise.isEmpty ? [] : [otherwise])
  }

  /// Whether what is in the step is done by branches.
  var isFork: Bool { actions.contains { Self.forks.contains($0.key) } }

  /// Whether the step is made for each item of a list, of which later steps see nothing but its output.
  var isEach: Bool { actions.contains { $0.key == "for_each" } }

  private static let forks = ["parallel", "for_each", "call"]

  /// The rule that the step calls, with the place at which it is named.
  var call: (rule: String, range: Range<Int>)? {
    actions.first { $0.key == "call" }.flatMap { call in call.value.text.map { ($0, call.value.range) } }
  }

  /// This step and all that are in it.
  var all: [StepDraft] { [self] + blocks.flatMap { $0.flatMap(\.all) } }

  /// The names of the values that the step sets.
  var names: [String] {
    actions.filter { $0.key == "set" }.flatMap { action in
      if case .mapping(let members) = action.value.content { members.map(\.name) } else { [String]() }
    }
  }

  func step(
    id: String,
    of rule: String,
    after earlier: ExpressionEnvironment.EarlierSteps,
    blocks: [Range<Int>],
    _ catalog: any ActionCatalog,
    _ reader: inout NodeReader
  ) -> Step? {
    let condition = condition.map {
      ConditionReader.condition($0, in: .step(after: earlier, allowsSecrets: false), &reader)
    }
    guard let action = action(rule, id, earlier, blocks, catalog, &reader) else { return nil }
    if case .some(nil) = condition { return nil }
    let description = Self.description(of: action, catalog)
    return Step(
      id: id,
      condition: condition ?? nil,
      action: action,
      // What the host does itself is committed with the outcome of its step, so it cannot be done twice.
      effects: description?.effects ?? .none,
      writes: description?.writes ?? [],
      timeout: timeout ?? .seconds(60),
      retry: retry,
      continuesOnError: continuesOnError
    )
  }

  /// Whether the step can be taken back, and what takes it back is right; reports what is not.
  func checkCompensation(_ reader: inout NodeReader) {
    guard let undo = compensation.first else { return }
    let effective = ["run", "uses", "emit"]
    if isFork {
      let message = "what branches have done they take back themselves, as the steps in them say"
      reader.report(.combination, message, at: undo.range)
      return
    }
    if let (key, value) = actions.first, !effective.contains(key) {
      reader.report(.combination, "'\(key)' has no effect that could be taken back", at: value.range)
    }
    if let (key, value) = undo.actions.first, !effective.contains(key) {
      let help = "give one of run, uses and emit"
      reader.report(.combination, "'\(key)' cannot take anything back", at: value.range, help: help)
    }
    let isPlain = undo.id == nil && undo.compensation.isEmpty && !undo.continuesOnError
    if !isPlain {
      let message = "what takes a step back has no 'id', 'compensate' or 'continue_on_error'"
      reader.report(.combination, message, at: undo.range.lowerBound..<undo.range.lowerBound + 1)
    }
  }

  /// What the plugin says of the action; nil for what the host does itself.
  private static func description(
    of action: Step.Action,
    _ catalog: any ActionCatalog
  ) -> ActionDescription? {
    guard case .invoke(let plugin, let name, _) = action else { return nil }
    return catalog.plugin(named: plugin)?.action(named: name)
  }

  private func action(
    _ rule: String,
    _ id: String,
    _ earlier: ExpressionEnvironment.EarlierSteps,
    _ blocks: [Range<Int>],
    _ catalog: any ActionCatalog,
    _ reader: inout NodeReader
  ) -> Step.Action? {
    guard actions.count == 1, let (key, value) = actions.first else {
      let message = actions.isEmpty ? "the step does nothing" : "the step has \(actions.count) actions"
      let place = actions.dropFirst().first?.value.range ?? range.lowerBound..<range.lowerBound + 1
      let help = "give one of \(Self.keys.dropLast().joined(separator: ", ")) and \(Self.keys.last ?? "")"
      reader.report(.stepAction, message, at: place, help: help)
      return nil
    }
    if let with, key != "uses", key != "call" {
      reader.report(.stepAction, "'with' belongs to 'uses' and 'call'", at: with.range)
      return nil
    }
    if !otherwise.isEmpty, key != "choose", key != "await" {
      reader.report(.stepAction, "'else' belongs to 'choose' and 'await'", at: value.range)
      return nil
    }
    let templates = TemplateReader(environment: .step(after: earlier, allowsSecrets: false))
    if Self.forks.contains(key) { return fork.action(key, value, with: with, blocks, templates, &reader) }
    guard fork.checkKeys(of: key, value, &reader) else { return nil }
    if key == "choose" { return choice(earlier, blocks.map(\.lowerBound), &reader) }
    if key == "await" {
      let otherwise = blocks.first?.lowerBound
      return awaited?.event(of: rule, after: earlier, otherwise: otherwise, &reader).map { .awaits($0) }
    }
    if key == "uses" || key == "run" {
      let actions = InvocationReader(catalog: catalog, earlier: earlier)
      return key == "run" ? actions.command(value, &reader) : actions.invocation(value, with: with, &reader)
    }
    return OwnActionReader(templates: templates).action(key, value, &reader)
  }
}

extension StepDraft {
  private func choice(
    _ earlier: ExpressionEnvironment.EarlierSteps,
    _ blocks: [Int],
    _ reader: inout NodeReader
  ) -> Step.Action? {
    let conditions = choices.map { choice in
      choice.condition.flatMap {
        ConditionReader.condition($0, in: .step(after: earlier, allowsSecrets: false), &reader)
      }
    }
    guard conditions.allSatisfy({ $0 != nil }) else { return nil }
    // What is left over is the way under `else`.
    return .choose(
      blocks.enumerated().map { index, first in
        Step.Choice(condition: index < conditions.count ? conditions[index] : nil, first: first)
      }
    )
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
