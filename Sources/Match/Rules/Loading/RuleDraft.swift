// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import Expressions
import Matching

/// A rule before its actions are looked up.
struct RuleDraft {
  let range: Range<Int>
  var description = ""
  var isEnabled = true
  var tags: [String] = []
  var triggers: [TriggerDraft] = []
  /// Whether it is said which events the rule reacts to; without, it is made when another rule calls it.
  private(set) var hasTrigger = false
  var condition: YAMLNode?
  var onError = ConditionFailurePolicy.fail
  var onUncertain = UncertainPolicy.ask
  var timing = TimingDraft()
  var mode = ModeDraft()
  var start = RuleStart.now
  var steps: [StepDraft] = []
  var tests: [RuleTestDraft] = []

  static let record = Record(
    "a rule",
    make: { RuleDraft(range: $0) },
    fields: [
      Field("description", "What the rule is for.", .text) { $0.description = $1 },
      Field("enabled", "Whether the rule reacts at all.", .boolean) { $0.isEnabled = $1 },
      Field("tags", "Words by which people find the rule.", .list(.text)) { $0.tags = $1 },
      Field(
        "trigger",
        "The events that the rule reacts to.",
        .oneOrMore(TriggerDraft.record.shape)
      ) { draft, triggers in
        draft.triggers = triggers
        draft.hasTrigger = true
      },
      Field(
        "condition",
        "What must hold of the event, in CEL: event.data.size < 1000 && event.data.name.endsWith('.pdf')",
        .node(["type": ["string", "boolean"]])
      ) { $0.condition = $1 },
      Field("on_error", "What becomes of an event for which the condition has no value.", .word()) {
        $0.onError = $1
      },
      Field(
        "on_uncertain",
        "What becomes of a run when nobody knows whether an action that must not be repeated had its effect.",
        .word()
      ) { $0.onUncertain = $1 },
      Field("dedupe", "Equal events are reacted to once in some time.", SpanDraft.dedupe.shape) {
        $0.timing.dedupe = $1
      },
      Field("debounce", "Events are reacted to once it has been quiet.", SpanDraft.debounce.shape) {
        $0.timing.spans.append($1)
      },
      Field("throttle", "So many events are reacted to in some time.", SpanDraft.throttle.shape) {
        $0.timing.spans.append($1)
      },
      Field("collect", "Events are gathered and reacted to together.", SpanDraft.collect.shape) {
        $0.timing.spans.append($1)
      },
      Field("mode", "How runs of the rule get along with each other.", .word()) { $0.mode.kind = $1 },
      Field("shadows", "The rule with which this one is compared, in the mode shadow.", .placed(.text)) {
        $0.mode.shadows = $1
      },
      Field(
        "max",
        "How many runs there may be at once, waiting ones included.",
        .placed(.integer(1...100_000))
      ) {
        $0.mode.max = $1
      },
      Field("max_exceeded", "What becomes of a run too many.", .placed(.word())) { $0.mode.exceeded = $1 },
      Field("mode_by", "What has runs of its own, in CEL.", .node(["type": "string"])) { $0.mode.by = $1 },
      Field("start", "Which events a new rule reacts to: now, beginning, a time, or last 24h.", .start) {
        $0.start = $1
      },
      Field("actions", "What is done, step by step.", StepDraft.steps, isRequired: true) {
        $0.steps = $1
      },
      Field("tests", "What the rule must do for some events.", .list(RuleTestDraft.record.shape)) {
        $0.tests = $1
      },
    ],
    unavailable: ["priority"]
  )

  func rule(id: String, _ catalog: any ActionCatalog, _ reader: inout NodeReader) -> Rule? {
    let simple = triggers.filter { !$0.isJoin }.map { $0.filter.trigger(&reader) }
    let joins = triggers.filter(\.isJoin).compactMap { $0.join(of: id, &reader) }
    let windows = timing.windowings(of: id, afterJoin: !joins.isEmpty, &reader)
    let mode = mode.mode(&reader)
    let (checked, ids) = StepAssembly.steps(of: steps, in: id, catalog, &reader)
    let checkedCondition = condition.map { ConditionReader.condition($0, in: .condition, &reader) }
    // A condition that could not be read has been reported.
    if case .some(nil) = checkedCondition { return nil }
    let names = StepNames(own: ids, hasCalls: steps.flatMap(\.all).contains { $0.call != nil })
    let checkedTests = tests.compactMap { $0.test(steps: names, &reader) }
    guard let checked, let windows, let mode, simple.count + joins.count == triggers.count,
      !triggers.isEmpty || !hasTrigger
    else { return nil }
    return Rule(
      id: id,
      description: description,
      isEnabled: isEnabled,
      tags: tags,
      triggers: simple,
      joins: joins,
      condition: checkedCondition ?? nil,
      onError: onError,
      onUncertain: onUncertain,
      dedupe: windows.dedupe,
      span: windows.span,
      mode: mode,
      start: start,
      steps: mode.kind == .shadow ? checked.map(\.shadow) : checked,
      tests: checkedTests,
      shadows: self.mode.shadows?.rule
    )
  }
}
