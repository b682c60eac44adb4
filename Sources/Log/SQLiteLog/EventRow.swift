// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import GRDB

/// Reads events by their positions.
///
/// Belongs to the thread of its connection.
struct EventRow {
  private let row: PreparedStatement
  private let rows: PreparedStatement
  private let rowsOfType: PreparedStatement

  init(_ database: Database, isCached: Bool = false) throws {
    func statement(_ sql: String) throws -> PreparedStatement {
      try PreparedStatement(database, sql, isCached: isCached)
    }
    row = try statement("SELECT recorded, body FROM event WHERE position = ?")
    rows = try statement(
      "SELECT recorded, body, position FROM event WHERE position >= ? ORDER BY position LIMIT ?"
    )
    rowsOfType = try statement(
      """
      SELECT recorded, body, position FROM event INDEXED BY event_type
      WHERE position >= ?1 AND type = (SELECT id FROM name WHERE text = ?3) ORDER BY position LIMIT ?2
      """
    )
  }

  /// The event at a position, as the world sees it; nil when there is none.
  func event(at position: LogPosition) throws -> [UInt8]? {
    row.bind(1, position.rawValue)
    guard try row.step() else { return nil }
    defer { row.reset() }
    var event: [UInt8] = []
    EventStamp.append(
      row.bytes(1).bindMemory(to: UInt8.self).span,
      position: position,
      recorded: Timestamp(microseconds: row.integer(0)),
      to: &event
    )
    return event
  }

  /// Events from a position on.
  func page(from position: LogPosition, limit: Int) throws -> EventPage {
    try page(of: rows, from: position, limit: limit)
  }

  /// Events of a type from a position on, with so many bytes but for the last one.
  func page(
    ofType type: String,
    from position: LogPosition,
    limit: Int,
    bytes: Int = .max
  ) throws -> EventPage {
    // As the type stands in the event.
    var name: [UInt8] = []
    JSONWriter.appendContent(type, to: &name)
    return try name.withUnsafeBytes { name in
      rowsOfType.bind(3, name)
      return try page(of: rowsOfType, from: position, limit: limit, bytes: bytes)
    }
  }

  private func page(
    of rows: PreparedStatement,
    from position: LogPosition,
    limit: Int,
    bytes: Int = .max
  ) throws -> EventPage {
    rows.bind(1, position.rawValue)
    rows.bind(2, Int64(limit))
    defer { rows.reset() }
    return try Self.page(of: rows, bytes: bytes)
  }

  /// What rows hold of which the columns are when an event was recorded, its body and its position, up to so many bytes.
  static func page(of rows: PreparedStatement, bytes: Int = .max) throws -> EventPage {
    var page = EventPage()
    while page.bytes.count < bytes, try rows.step() {
      page.append(
        position: LogPosition(rawValue: rows.integer(2)),
        recorded: Timestamp(microseconds: rows.integer(0)),
        json: rows.bytes(1)
      )
    }
    return page
  }
}
