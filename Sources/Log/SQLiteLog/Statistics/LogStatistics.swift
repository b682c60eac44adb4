// SPDX-License-Identifier: Apache-2.0

public import DurableLog
public import EventModel
import Foundation
import GRDB

/// What a log holds, in numbers.
public struct LogStatistics: Sendable {
  /// The events of one type.
  public struct OfType: Sendable {
    /// The type.
    public let type: String
    /// How many there are.
    public let events: Int
    /// The position of the first one, and of the last one.
    public let positions: ClosedRange<Int64>
    /// When the first one and the last one were recorded.
    public let recorded: ClosedRange<Timestamp>
    /// How many bytes one has on average, by the newest ones.
    public let size: Int
  }

  /// The events by their types, the most frequent first.
  public let types: [OfType]
  /// How many runs there are in each state.
  public let runs: [RunState: Int]
  /// How many windows are open.
  public let windows: Int
  /// How many events are erased.
  public let erased: Int
  /// The size of the database, of its write-ahead log, and of the pages that are free, in bytes.
  public let size: (database: Int, writeAheadLog: Int, free: Int)
  /// The number of the schema's version.
  public let schema: Int
  /// How many events were recorded in the last days, and over how many days.
  public let recent: (events: Int, days: Double)

  /// How many of the newest events of a type tell its size.
  private static let sample = 200
  /// Over how many days it is told how the log grows.
  private static let days = 7.0

  /// Counts what is in the log at `path` at an instant; looks at all runs and at an index of the events, not at the events.
  public init(path: String, now: Timestamp) throws(LogFailure) {
    let reader = try LogReader(path: path)
    defer { reader.close() }
    windows = try reader.windowCounts().values.reduce(0, +)
    let start = try reader.firstPosition(from: now + .seconds(-Self.days * 86_400)).rawValue
    do {
      (types, runs, erased, size, schema, recent) = try reader.read { database in
        let found = try Self.types(database)
        return (
          found, try Self.runs(database),
          try Int.fetchOne(database, sql: "SELECT count(*) FROM erased JOIN event USING (position)") ?? 0,
          try Self.size(database, path), try SQLiteSchema.version(database),
          try Self.recent(database, from: start, since: found.map(\.recorded.lowerBound).min(), now)
        )
      }
    } catch {
      throw LogFailure(error)
    }
  }

  private static func types(_ database: Database) throws -> [OfType] {
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT type, count(*), min(position), max(position) FROM event INDEXED BY event_type
        GROUP BY type ORDER BY count(*) DESC, type
        """
    )
    let recorded = try database.makeStatement(sql: "SELECT recorded FROM event WHERE position = ?")
    let size = try database.makeStatement(
      sql: """
        SELECT CAST(avg(length(body)) AS INTEGER) FROM (
          SELECT body FROM event INDEXED BY event_type WHERE type = ? ORDER BY position DESC LIMIT \(sample)
        )
        """
    )
    var names = try RunRow(database)
    return try rows.map { row in
      let positions: ClosedRange<Int64> = try row.decode(atIndex: 2)...row.decode(atIndex: 3)
      func time(_ position: Int64) throws -> Timestamp {
        Timestamp(microseconds: try Int64.fetchOne(recorded, arguments: [position]) ?? 0)
      }
      let (first, last) = (try time(positions.lowerBound), try time(positions.upperBound))
      let type: Int64 = try row.decode(atIndex: 0)
      return OfType(
        type: try LogReader.text(ofContent: names.name(type)),
        events: try row.decode(atIndex: 1),
        positions: positions,
        recorded: min(first, last)...max(first, last),
        size: try Int.fetchOne(size, arguments: [type]) ?? 0
      )
    }
  }

  private static func runs(_ database: Database) throws -> [RunState: Int] {
    var counts: [RunState: Int] = [:]
    for row in try Row.fetchAll(database, sql: "SELECT state, count(*) FROM run GROUP BY state") {
      guard let state = RunState(rawValue: try row.decode(atIndex: 0)) else { continue }
      counts[state] = try row.decode(atIndex: 1)
    }
    var fresh = try FreshReader(database)
    for run in try fresh.runs(after: 0) { counts[run.state, default: 0] += 1 }
    return counts
  }

  private static func size(_ database: Database, _ path: String) throws
    -> (database: Int, writeAheadLog: Int, free: Int)
  {
    let page = try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 0
    let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
    let free = try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
    let attributes = try? FileManager.default.attributesOfItem(atPath: path + "-wal")
    return (pages * page, attributes?[.size] as? Int ?? 0, free * page)
  }

  private static func recent(
    _ database: Database,
    from position: Int64,
    since first: Timestamp?,
    _ now: Timestamp
  ) throws -> (events: Int, days: Double) {
    let events =
      try Int.fetchOne(database, sql: "SELECT count(*) FROM event WHERE position >= ?", arguments: [position])
      ?? 0
    guard let first else { return (0, 0) }
    return (events, min(days, max(0, (now - first) / .seconds(86_400))))
  }
}
