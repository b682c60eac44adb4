// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import Expressions
import PluginWire

/// A step before its action is looked up.
struct StepDraft {
  let range: Range<Int>
  var id: String?
  var actions: [(key: String, value: YAMLNode)] = []
  var choices: [ChoiceDraft] = []
  var awaited: AwaitDraft?
  var otherwise: [StepDraft] = []
  var fork = ForkDraft()
  /// What takes the step back; one step, or none.
  var compensation: [StepDraft] = []
  var with: YAMLNode?
  var condition: YAMLNode?
  var timeout: (Duration, range: Range<Int>)?
  var retry: (RetryPolicy, range: Range<Int>)?
  var continuesOnError = false

  init(range: Range<Int>) { self.range = range }

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
      timeout: timeout?.0 ?? .seconds(60),
      retry: retry?.0,
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
    if Self.forks.contains(key) {
      for (name, place) in [("timeout", timeout?.range), ("retry", retry?.range)] {
        guard let place else { continue }
        reader.report(.stepAction, "'\(name)' belongs to the steps of which '\(key)' consists", at: place)
        return nil
      }
      return fork.action(key, value, with: with, blocks, templates, &reader)
    }
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
