// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Expressions
import Timing

/// What a rule is to react to: an event, or several of which one stands for all.
///
/// Events are read and scanned when an expression first looks at them, as the world sees them, so that an expression that
/// is looked at again later, from the log, sees the same. Belongs to the transaction.
final class Occasion {
  let firing: Firing
  private let transaction: any RoutingTransaction
  private let surroundings: ScopeSurroundings
  private var bytes: [UInt8]?
  private var content: (document: JSONDocument, content: JSONContent)?
  private var single: Scope?
  private var whole: Scope?

  /// Makes an occasion; `event` is the event that stands for all, if it is at hand.
  init(
    _ firing: Firing,
    event: [UInt8]? = nil,
    in transaction: any RoutingTransaction,
    _ surroundings: ScopeSurroundings
  ) {
    self.firing = firing
    self.transaction = transaction
    self.surroundings = surroundings
    bytes = event
  }

  /// Makes the occasion of one event of a page.
  convenience init(
    _ page: EventPage,
    _ entry: Int,
    in transaction: any RoutingTransaction,
    _ surroundings: ScopeSurroundings
  ) {
    let position = page.entries[entry].position
    var event: [UInt8] = []
    page.appendStamped(entry, to: &event)
    self.init(Firing(position, of: [position]), event: event, in: transaction, surroundings)
  }

  /// The event that stands for all, with its structure.
  func document() throws -> JSONDocument { try scanned().document }

  /// The event that stands for all, as the world sees it.
  func text() throws -> [UInt8] { try bytes ?? transaction.event(at: firing.event) }

  /// What an expression sees.
  func scope(for expression: Expression, _ states: PastStates? = nil) throws -> Scope {
    if let states {
      let events = expression.readsEvents ? try allEvents() : []
      return Scope(event: try scanned().content, events: events, in: surroundings, states: states)
    }
    guard firing.events.count > 1, expression.readsEvents else {
      if let single { return single }
      let scope = Scope(event: try scanned().content, in: surroundings)
      single = scope
      return scope
    }
    if let whole { return whole }
    let scope = Scope(event: try scanned().content, events: try allEvents(), in: surroundings)
    whole = scope
    return scope
  }

  private func allEvents() throws -> [JSONContent] {
    try firing.events.map { position in
      position == firing.event
        ? try scanned().content : JSONContent(try Self.scan(transaction.event(at: position)))
    }
  }

  private func scanned() throws -> (document: JSONDocument, content: JSONContent) {
    if let content { return content }
    let document = try Self.scan(bytes ?? transaction.event(at: firing.event))
    let scanned = (document: document, content: JSONContent(document))
    content = scanned
    return scanned
  }

  private static func scan(_ event: [UInt8]) throws -> JSONDocument {
    do { return try JSONDocument(event) } catch {
      throw LogFailure(.corrupt, "a recorded event is not JSON: \(error)")
    }
  }
}
