// SPDX-License-Identifier: Apache-2.0

public import DurableLog
public import EventModel
public import Rules

/// Folds events into single rows of views, for conditions that look these up.
public protocol ViewFolding: Sendable {
  /// The row of a key after an event of a page, from what this gave for the event before it; nil before the first.
  ///
  /// - Throws: when the view stops at that event.
  func row(
    _ before: (any Sendable)?,
    of view: ViewDefinition,
    key: String,
    after page: EventPage,
    _ index: Int
  )
    throws -> (any Sendable)?

  /// What expressions see of a row; null when there is none.
  func json(_ row: (any Sendable)?, of view: ViewDefinition, key: String) -> JSONValue
}
