// SPDX-License-Identifier: Apache-2.0

import Diagnostics

/// Checks which rules call which, over all files.
struct CallCheck {
  private var calls: [(caller: String, called: String, location: Diagnostic.Location)] = []
  /// Rules with which shadows are compared.
  private var shadowed: [(rule: String, location: Diagnostic.Location)] = []
  /// Rules that no event triggers.
  private var untriggered: [(rule: String, location: Diagnostic.Location)] = []
  private var rules: [String] = []

  /// Notes a rule.
  mutating func note(_ draft: RuleDraft, id: String, _ reader: NodeReader) {
    rules.append(id)
    for step in draft.steps.flatMap(\.all) {
      guard let (called, range) = step.call else { continue }
      calls.append((id, called, Diagnostic.Location(reader.source, range)))
    }
    if let (rule, range) = draft.mode.shadows {
      shadowed.append((rule, Diagnostic.Location(reader.source, range)))
    }
    guard !draft.hasTrigger else { return }
    let start = draft.range.lowerBound..<draft.range.lowerBound + 1
    untriggered.append((id, Diagnostic.Location(reader.source, start)))
  }

  /// Tells of calls that lead nowhere or in a circle, and of rules that nothing sets going.
  func report(into bag: inout DiagnosticBag) {
    let named = calls.map { ($0.called, $0.location) } + shadowed.map { ($0.rule, $0.location) }
    for (rule, location) in named where !rules.contains(rule) {
      let help = Suggestion.help(for: rule, among: rules)
      bag.add(Self.error(.unknownRule, "there is no rule '\(rule)'", location, help))
    }
    for call in calls {
      guard let way = way(from: call.called, to: call.caller) else { continue }
      let circle = ([call.caller] + way).joined(separator: " → ")
      bag.add(Self.error(.circle, "the rules call each other in a circle: \(circle)", call.location, nil))
    }
    let called = Set(calls.map(\.called))
    for (rule, location) in untriggered where !called.contains(rule) {
      let help = "The events that the rule reacts to. A rule without is made only when another one calls it."
      bag.add(Self.error(.missingKey, "a rule needs 'trigger'", location, help))
    }
  }

  /// The rules by which one comes to call another one, both included; nil when it does not.
  private func way(from rule: String, to target: String, besides seen: Set<String> = []) -> [String]? {
    if rule == target { return [rule] }
    guard !seen.contains(rule) else { return nil }
    for call in calls where call.caller == rule {
      if let way = way(from: call.called, to: target, besides: seen.union([rule])) { return [rule] + way }
    }
    return nil
  }

  private static func error(
    _ code: RuleCode,
    _ message: String,
    _ location: Diagnostic.Location,
    _ help: String?
  ) -> Diagnostic {
    Diagnostic(code.rawValue, message, at: location, help: help)
  }
}
