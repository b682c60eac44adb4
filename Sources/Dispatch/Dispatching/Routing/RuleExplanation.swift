// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import Expressions
import Matching
public import Rules

/// Why a rule reacted to an event, or did not.
///
/// A pure function of a rule and an event, so it can be found out at any later time.
public struct RuleExplanation: Sendable {
  /// The first demand that was not met, or that all were.
  public enum Outcome: Sendable {
    /// The rule is run.
    case matched
    /// The rule is switched off.
    case disabled
    /// No event triggers the rule; others call it.
    case called
    /// The event is of another type than the trigger wants.
    case type(found: String, wanted: [String])
    /// The event comes from elsewhere.
    case source(found: String, wanted: [String])
    /// The pattern asks for something else at a path.
    case pattern(path: String, found: [JSONValue], expected: JSONValue)
    /// Each demand of the pattern is met, but not within one element of an array.
    case arrays
    /// The condition is false.
    case condition(Explanation)
    /// The condition has no value.
    case failure(EvaluationError, Explanation, runs: Bool)
  }

  /// The rule.
  public let rule: Rule
  /// What decided.
  public let outcome: Outcome
  /// How far the event got, from 0 for another type to 1 for a match; the nearest misses come first.
  public let nearness: Double

  /// Explains a rule for an event as the log gives it.
  ///
  /// `states` are those that things had at that event.
  public init(
    _ rule: Rule,
    _ event: JSONDocument,
    in surroundings: ScopeSurroundings = .empty,
    states: (any StateLookup)? = nil
  ) {
    self.rule = rule
    guard rule.isEnabled else {
      outcome = .disabled
      nearness = 0
      return
    }
    let triggers = rule.triggers + rule.joins.flatMap(\.elements)
    guard !triggers.isEmpty else {
      outcome = .called
      nearness = 0
      return
    }
    let misses = triggers.map { Self.miss(of: $0, event) }
    if misses.contains(where: { $0 == nil }) {
      (outcome, nearness) = Self.decision(rule, event, surroundings, states)
    } else {
      let nearest = misses.compactMap { $0 }.max { $0.nearness < $1.nearness }
      (outcome, nearness) = nearest ?? (.type(found: "", wanted: []), 0)
    }
  }

  /// What the condition says of an event that triggers the rule.
  private static func decision(
    _ rule: Rule,
    _ event: JSONDocument,
    _ surroundings: ScopeSurroundings,
    _ states: (any StateLookup)?
  ) -> (Outcome, Double) {
    guard let condition = rule.condition?.expression else { return (.matched, 1) }
    let scope = Scope(event: JSONContent(event), in: surroundings, states: states)
    do throws(EvaluationError) {
      return try condition.holds(in: scope)
        ? (.matched, 1) : (.condition(condition.explanation(in: scope)), 0.8)
    } catch {
      let runs = rule.onError == .match
      return (.failure(error, condition.explanation(of: error, in: scope), runs: runs), 0.9)
    }
  }

  /// The first demand of a trigger that an event does not meet; nil when it meets all.
  private static func miss(of trigger: Trigger, _ event: JSONDocument) -> (
    outcome: Outcome, nearness: Double
  )? {
    let type = event.root["type"]?.string ?? ""
    if !trigger.types.isEmpty, !trigger.types.contains(where: { $0.matches(type) }) {
      return (.type(found: type, wanted: trigger.types.map { $0.text + ($0.isPrefix ? "*" : "") }), 0)
    }
    let source = event.root["source"]?.string ?? ""
    if !trigger.sources.isEmpty, !trigger.sources.contains(source) {
      return (.source(found: source, wanted: trigger.sources), 0.2)
    }
    guard let pattern = trigger.pattern, let match = trigger.match else { return nil }
    if !PatternMatcher([pattern]).matches(event.tape, event.bytes).isEmpty { return nil }
    let clauses = PatternClause.clauses(of: match)
    let misses = clauses.filter { !$0.holds(for: event) }
    guard let first = misses.first else { return (.arrays, 0.75) }
    let share = Double(clauses.count - misses.count) / Double(clauses.count)
    return (
      .pattern(
        path: first.path.joined(separator: "."),
        found: first.values(in: event),
        expected: first.expected
      ),
      0.3 + 0.4 * share
    )
  }
}
