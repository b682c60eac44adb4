// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Expressions
import Rules

/// A condition or key that has no value for an event: what everybody should be able to see of it.
struct RuleFailure {
  /// The type of the event that tells of it.
  static let type = "earshot.rule.failed"

  let rule: String
  let revision: String
  /// The condition or key, and where it stands.
  let expression: Expression
  let place: Condition.Place
  let position: LogPosition
  let error: EvaluationError
  /// The part of the expression that failed, and what it saw.
  let explanation: Explanation
  /// Whether the rule was run all the same.
  let runs: Bool

  /// The event that tells of the failure, a JSON object.
  var event: [UInt8] {
    let seen = explanation.seen.map { JSONValue.Member($0.path, .string($0.value)) }
    var notice = CloudEvent(
      type: Self.type,
      subject: rule,
      data: [
        "rule": .string(rule), "revision": .string(revision), "condition": .string(expression.text),
        "part": .string(explanation.part), "code": .string(error.code.rawValue),
        "message": .string(error.message),
        "file": .string(place.file), "line": .number("\(place.line)"), "column": .number("\(place.column)"),
        "seen": .object(seen), "position": .number(position.description), "runs": .bool(runs),
      ]
    )
    notice.source = "earshot"
    var bytes: [UInt8] = []
    notice.json.appendJSON(to: &bytes)
    return bytes
  }
}
