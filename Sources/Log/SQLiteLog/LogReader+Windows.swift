// SPDX-License-Identifier: Apache-2.0

public import DurableLog
public import EventModel
import Foundation
import GRDB

// The requirements are documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension LogReader {
  public func events(at positions: [LogPosition]) throws(LogFailure) -> [[UInt8]] {
    try read { database in
      let rows = try EventRow(database, isCached: true)
      return try positions.compactMap { try rows.event(at: $0) }
    }
  }

  public func decisions(of position: LogPosition) throws(LogFailure) -> [Decision] {
    try read { database in
      let rows = try Row.fetchAll(
        database,
        sql: """
          SELECT kind, run, CAST(name.text AS TEXT) FROM decision JOIN name ON name.id = decision.rule
          WHERE position = ? ORDER BY 3, kind, run
          """,
        arguments: [position.rawValue]
      )
      return try rows.map { row in
        guard let kind = Decision.Kind(rawValue: try row.decode(atIndex: 0)) else {
          throw LogFailure(.corrupt, "a decision is of an unknown kind")
        }
        let run: Int64 = try row.decode(atIndex: 1)
        return Decision(
          kind,
          of: position,
          rule: try row.decode(atIndex: 2),
          run: run == 0 ? nil : RunID(rawValue: run)
        )
      }
    }
  }

  public func windows(of owner: String?, limit: Int) throws(LogFailure) -> [StoredWindow] {
    guard let owner else { return try windows("ORDER BY due, window.id LIMIT ?", [limit]) }
    return try windows("WHERE name.text = ? ORDER BY due, window.id LIMIT ?", [Data(owner.utf8), limit])
  }

  public func window(_ id: Int64) throws(LogFailure) -> StoredWindow? {
    try windows("WHERE window.id = ?", [id]).first
  }

  private func windows(
    _ clause: String,
    _ arguments: StatementArguments
  ) throws(LogFailure) -> [StoredWindow] {
    try read { database in
      let rows = try Row.fetchAll(
        database,
        sql: """
          SELECT window.id, CAST(name.text AS TEXT), key, due, content
          FROM window JOIN name ON name.id = owner \(clause)
          """,
        arguments: arguments
      )
      return try rows.map { row in
        StoredWindow(
          id: try row.decode(atIndex: 0),
          owner: try row.decode(atIndex: 1),
          key: [UInt8](try row.decode(Data.self, atIndex: 2)),
          due: Timestamp(microseconds: try row.decode(atIndex: 3)),
          content: [UInt8](try row.decode(Data.self, atIndex: 4))
        )
      }
    }
  }

  public func windowCounts() throws(LogFailure) -> [String: Int] {
    try read { database in
      let rows = try Row.fetchAll(
        database,
        sql: """
          SELECT CAST(name.text AS TEXT), count(*) FROM window JOIN name ON name.id = owner GROUP BY owner
          """
      )
      return Dictionary(rows.map { ($0[0], $0[1]) }) { first, _ in first }
    }
  }

  public func clockReading() throws(LogFailure) -> SteadyClock.Reading? {
    try read { try StoredClock($0)?.reading }
  }

  public func oldestInWindows() throws(LogFailure) -> LogPosition? {
    try read { database in
      try Int64.fetchOne(database, sql: "SELECT min(oldest) FROM window").map(LogPosition.init)
    }
  }

  public func nextWindowDue() throws(LogFailure) -> Timestamp? {
    try read { database in
      try Int64.fetchOne(database, sql: "SELECT min(due) FROM window").map(Timestamp.init(microseconds:))
    }
  }
}
