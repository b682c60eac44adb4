// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Expressions
import Rules
import Timing

/// Conditions and keys.
extension RuleFlow {
  /// Whether a rule's condition holds, or counts as if it did.
  mutating func holds(_ rule: Rule, _ occasion: Occasion) throws -> Bool {
    guard let condition = rule.condition else { return true }
    let states = condition.expression.readsStates ? states(at: occasion.firing.event) : nil
    let scope = try occasion.scope(for: condition.expression, states)
    let verdict = Result { () throws(EvaluationError) in try condition.expression.holds(in: scope) }
    if let failure = states?.failure { throw failure }
    switch verdict {
    case .success(let holds): return holds
    case .failure(let error):
      let runs = rule.onError == .match
      try tell(error, in: condition.expression, at: condition.place, of: rule, occasion, runs: runs)
      return runs
    }
  }

  /// The states of things at a position of the log, as far as the transaction knows it.
  private func states(at position: LogPosition) -> PastStates {
    PastStates(of: context.lookup, at: position, memory: context.states) { [transaction] in
      try transaction.events(of: $0, after: $1, limit: $2)
    }
  }

  /// The bytes of a key, which is the same for all events if there is none.
  ///
  /// Nil when it has no value and the rule is not to go on.
  mutating func key(_ key: Key?, of rule: Rule, _ occasion: Occasion) throws -> [UInt8]? {
    guard let key else { return [] }
    let scope = try occasion.scope(for: key.expression)
    let value = Result { () throws(EvaluationError) in try key.expression.json(in: scope) }
    switch value {
    case .success(let value): return Array(value.json.utf8)
    case .failure(let error):
      let runs = rule.onError == .match
      try tell(error, in: key.expression, at: key.place, of: rule, occasion, runs: runs)
      return runs ? Array("null".utf8) : nil
    }
  }

  /// Counts a failure, and tells of it unless the rule wants it skipped.
  private mutating func tell(
    _ error: EvaluationError,
    in expression: Expression,
    at place: Condition.Place,
    of rule: Rule,
    _ occasion: Occasion,
    runs: Bool
  ) throws {
    context.countFailure(rule.id)
    guard rule.onError != .skip else { return }
    let failure = RuleFailure(
      rule: rule.id,
      revision: context.revision,
      expression: expression,
      place: place,
      position: occasion.firing.event,
      error: error,
      explanation: expression.explanation(of: error, in: try occasion.scope(for: expression)),
      runs: runs
    )
    // At the hop limit the notice itself would prolong a loop; the count still tells of it.
    try? Emission.append(
      failure.event,
      from: "rules/\(rule.id)",
      cause: occasion.document().root,
      clock: context.clock,
      to: &notices
    )
  }
}
