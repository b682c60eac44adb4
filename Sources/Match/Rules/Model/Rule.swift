// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import Matching

/// What is done when something has happened.
///
/// It never changes; it is an object since it is handed on with every run and holds much.
public final class Rule: Sendable {
  /// The rule's id, unique in its set.
  public let id: String
  /// What the rule is for; may be empty.
  public let description: String
  /// Whether the rule reacts at all.
  public let isEnabled: Bool
  /// Words by which people find the rule.
  public let tags: [String]
  /// The events that the rule reacts to: any of these.
  public let triggers: [Trigger]
  /// Several events that the rule reacts to together; there is at least one trigger or join.
  public let joins: [Join]
  /// What must hold of an event that triggers the rule; nil when nothing more must.
  public let condition: Condition?
  /// What becomes of an event for which the condition has no value.
  public let onError: ConditionFailurePolicy
  /// What becomes of a run when nobody knows whether an attempt had an effect that must not be repeated.
  public let onUncertain: UncertainPolicy
  /// Which events equal ones that came before are, and for how long.
  public let dedupe: Windowing?
  /// How events are held back or gathered: a debounce, a throttle or a collection.
  public let span: Windowing?
  /// How the rule's runs get along with each other.
  public let mode: RunMode
  /// Which events the rule reacts to when it is new.
  public let start: RuleStart
  /// What is done, one after another; at least one.
  public let steps: [Step]
  /// Whether what comes to pass in a run is worth remembering: of a run of one step, the run says all.
  public var hasHistory: Bool { steps.count > 1 || isShadow }
  /// Whether it is only noted what the rule would do.
  public var isShadow: Bool { mode.kind == .shadow }
  /// The rule with which it is to be compared, if it is a shadow.
  public let shadows: String?
  /// Whether some step says which files it changes.
  public var writesFiles: Bool { steps.contains { !$0.writes.isEmpty } }
  /// What the rule must do, checked by `earshot test`.
  public let tests: [RuleTest]

  init(
    id: String,
    description: String,
    isEnabled: Bool,
    tags: [String],
    triggers: [Trigger],
    joins: [Join],
    condition: Condition?,
    onError: ConditionFailurePolicy,
    onUncertain: UncertainPolicy,
    dedupe: Windowing?,
    span: Windowing?,
    mode: RunMode,
    start: RuleStart,
    steps: [Step],
    tests: [RuleTest],
    shadows: String? = nil
  ) {
    self.id = id
    self.description = description
    self.isEnabled = isEnabled
    self.tags = tags
    self.triggers = triggers
    self.joins = joins
    self.condition = condition
    self.onError = onError
    self.onUncertain = onUncertain
    self.dedupe = dedupe
    self.span = span
    self.mode = mode
    self.start = start
    self.steps = steps
    self.tests = tests
    self.shadows = shadows
  }
}

extension Rule {
  /// The same rule, which reacts or does not, whatever it says itself; one that is a shadow has effects.
  func live(isEnabled: Bool) -> Rule {
    var mode = mode
    if isShadow { mode.kind = .parallel }
    let steps = steps.map { step in
      var step = step
      step.isShadow = false
      return step
    }
    return Rule(
      id: id,
      description: description,
      isEnabled: isEnabled,
      tags: tags,
      triggers: triggers,
      joins: joins,
      condition: condition,
      onError: onError,
      onUncertain: onUncertain,
      dedupe: dedupe,
      span: span,
      mode: mode,
      start: start,
      steps: steps,
      tests: tests,
      shadows: shadows
    )
  }

  /// The key by which the rule tells its events apart: that of its mode, or else of what holds events back; nil when it does
  /// not.
  public var key: Key? { mode.by ?? span?.by ?? joins.first?.windowing.by }

  /// All parts that keep windows.
  public var windowings: [Windowing] { joins.map(\.windowing) + [dedupe, span].compactMap { $0 } }
}

/// Some of the events that a rule reacts to.
public struct Trigger: Sendable, Hashable {
  /// The types: any of these; empty for all.
  public var types: [TypePattern] = []
  /// The `source` attributes: any of these; empty for all.
  public var sources: [String] = []
  /// What else must hold.
  public var pattern: EventPattern?
  /// The same as it was written.
  public var match: JSONValue?
}

extension Trigger {
  /// The pattern of the events that are meant: types and sources are conditions beside those of `match`.
  public var wholePattern: EventPattern {
    let outer = EventPattern(types: types.map { ($0.text, $0.isPrefix) }, sources: sources)
    return pattern.map(outer.and) ?? outer
  }
}

/// An event type, or all types that begin alike.
public struct TypePattern: Sendable, Hashable {
  /// The type, or what the types begin with.
  public let text: String
  /// Whether more may follow: `order.*` means every type that begins with `order.`.
  public let isPrefix: Bool

  /// Reads a type such as `order.created`, `order.*` or `*`; nil for anything else.
  public init?(_ pattern: String) {
    let isPrefix = pattern == "*" || pattern.hasSuffix(".*")
    let text = isPrefix ? String(pattern.dropLast()) : pattern
    let isType = text.unicodeScalars.allSatisfy { $0 != "*" && $0.value > 0x20 && $0.value != 0x7F }
    guard isType, isPrefix || !text.isEmpty else { return nil }
    self.text = text
    self.isPrefix = isPrefix
  }

  /// Whether a type is meant.
  public func matches(_ type: String) -> Bool { isPrefix ? type.hasPrefix(text) : type == text }
}
