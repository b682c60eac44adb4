// SPDX-License-Identifier: Apache-2.0

public import DurableLog
public import EventModel
import Foundation
import GRDB

// The requirements are documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension LogReader {
  public func events(
    ofType type: String?,
    before position: LogPosition,
    limit: Int
  ) throws(LogFailure) -> EventPage {
    try read { database in
      let index = type == nil ? "" : "INDEXED BY event_type"
      let isType = type == nil ? "" : "AND type = (SELECT id FROM name WHERE text = ?3)"
      let rows = try PreparedStatement(
        database,
        """
        SELECT position, recorded, body FROM event \(index) WHERE position < ?1 \(isType)
        ORDER BY position DESC LIMIT ?2
        """,
        isCached: true
      )
      rows.bind(1, position.rawValue)
      rows.bind(2, Int64(limit))
      return try Self.content(type ?? "").withUnsafeBytes { name in
        if type != nil { rows.bind(3, name) }
        return try Self.ascending(rows)
      }
    }
  }

  /// What descending rows hold, ascending.
  private static func ascending(_ rows: PreparedStatement) throws -> EventPage {
    var found: [(position: Int64, recorded: Int64, json: [UInt8])] = []
    var bytes = 0
    while bytes < EventPage.mostBytes, try rows.step() {
      found.append((rows.integer(0), rows.integer(1), Array(rows.bytes(2))))
      bytes += found.last?.json.count ?? 0
    }
    var page = EventPage()
    for event in found.reversed() {
      page.append(
        position: LogPosition(rawValue: event.position),
        recorded: Timestamp(microseconds: event.recorded),
        json: event.json
      )
    }
    return page
  }

  /// Goes from type to type in their index, without a look at the events.
  public func eventTypes() throws(LogFailure) -> [String] {
    try read { database in
      let names = try Data.fetchAll(
        database,
        sql: """
          WITH RECURSIVE known (type) AS (
            SELECT min(type) FROM event
            UNION ALL SELECT (SELECT min(type) FROM event WHERE type > known.type) FROM known
            WHERE known.type IS NOT NULL
          )
          SELECT text FROM known JOIN name ON name.id = known.type ORDER BY text
          """
      )
      return try names.map { try Self.text(ofContent: String(decoding: $0, as: UTF8.self)) }
    }
  }

  /// A type or source as text, which the log holds as it stands in events: escaped as in JSON.
  static func text(ofContent content: String) throws -> String {
    try JSONDocument(Array("\"\(content)\"".utf8)).root.string ?? ""
  }

  public func wasImported(_ position: LogPosition) throws(LogFailure) -> Bool {
    try read { database in
      try Bool.fetchOne(
        database,
        sql:
          "SELECT coalesce((SELECT first FROM imported WHERE last >= ?1 ORDER BY last LIMIT 1) <= ?1, FALSE)",
        arguments: [position.rawValue]
      ) ?? false
    }
  }
}
