// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Expressions
import Rules

/// Decides for one event whether the conditions of rules hold.
///
/// The event is scanned when the first condition is looked at, as the world sees it, so that a condition that is looked
/// at again later, from the log, sees the same.
struct ConditionCheck {
  /// What a condition says of the event.
  enum Verdict: Sendable {
    case holds
    case doesNotHold
    case hasNoValue(EvaluationError)
  }

  private let surroundings: ScopeSurroundings
  private let event: [UInt8]
  private var known: (document: JSONDocument, scope: Scope)?

  /// Makes a check for an event as the log gives it.
  init(_ event: [UInt8], in surroundings: ScopeSurroundings) {
    self.event = event
    self.surroundings = surroundings
  }

  /// What the conditions see.
  var scope: Scope { mutating get { scanned.scope } }

  /// The event with its structure.
  var document: JSONDocument { mutating get { scanned.document } }

  private var scanned: (document: JSONDocument, scope: Scope) {
    mutating get {
      if let known { return known }
      guard let document = try? JSONDocument(event) else { preconditionFailure("a recorded event is JSON") }
      let scanned = (document: document, scope: Scope(event: JSONContent(document), in: surroundings))
      known = scanned
      return scanned
    }
  }

  mutating func verdict(_ condition: Condition) -> Verdict {
    do throws(EvaluationError) {
      return try condition.expression.holds(in: scope) ? .holds : .doesNotHold
    } catch {
      return .hasNoValue(error)
    }
  }
}
