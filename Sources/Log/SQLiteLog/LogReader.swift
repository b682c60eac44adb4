// SPDX-License-Identifier: Apache-2.0

public import DurableLog
public import EventModel
public import EventSources
import Foundation
import GRDB

/// Reads the log through a connection that cannot write.
public struct LogReader: Sendable {
  private let queue: DatabaseQueue

  /// Opens the log at `path`; it need not be open anywhere else.
  public init(path: String) throws(LogFailure) {
    var configuration = Configuration()
    configuration.readonly = true
    do {
      queue = try DatabaseQueue(path: path, configuration: configuration)
    } catch {
      throw LogFailure(error)
    }
  }

  func close() { try? queue.close() }

  /// After how many bytes of events a read of pending work ends.
  private static let pendingBytes = 4 << 20

  /// Runs a query; whatever goes wrong becomes a `LogFailure`.
  func read<Value>(_ query: (Database) throws -> Value) throws(LogFailure) -> Value {
    do {
      return try queue.read(query)
    } catch {
      throw LogFailure(error)
    }
  }

  /// An attribute as a batch holds it: escaped as in JSON.
  private static func content(_ text: String) -> Data {
    var bytes: [UInt8] = []
    JSONWriter.appendContent(text, to: &bytes)
    return Data(bytes)
  }

  /// The part of a query that says which states are meant: one alone in the words by which its index is found.
  private static func clause(_ states: Set<RunState>) -> String {
    if states.count == 1, let state = states.first { return "state = \(state.rawValue)" }
    return "state IN (\(states.map { String($0.rawValue) }.sorted().joined(separator: ", ")))"
  }

  /// The id of the first run of an event at a position or after it.
  ///
  /// Runs are made in the order of their events, so their ids are searched instead of keeping an index.
  private static func firstRun(from position: LogPosition, _ database: Database) throws -> Int64 {
    let probe = try database.cachedStatement(
      sql: "SELECT position FROM run WHERE id >= ? ORDER BY id LIMIT 1"
    )
    var low: Int64 = 1
    var high = (try Int64.fetchOne(database, sql: "SELECT max(id) FROM run") ?? 0) + 1
    while low < high {
      let middle = low + (high - low) / 2
      let found = try Int64.fetchOne(probe, arguments: [middle]) ?? .max
      if found < position.rawValue { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func fetch(_ clause: String, _ arguments: StatementArguments) throws(LogFailure) -> [Run] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT \(Self.runColumns)
          \(clause)
          """,
        arguments: arguments
      ).map { try Self.run($0) }
    }
  }

  /// The columns of a run, in the order in which `run(_:)` reads them, and where they come from.
  private static let runColumns = """
    run.id, run.position, run.state, run.step, run.attempts, run.due, run.failure, run.outputs, run.updated,
      CAST(rules.text AS TEXT), CAST(revisions.text AS TEXT), CAST(listeners.text AS TEXT)
    FROM run JOIN name AS rules ON rules.id = rule JOIN name AS revisions ON revisions.id = revision
      JOIN name AS listeners ON listeners.id = listener
    """

  /// By the columns' places: finding them by name takes longer than all the rest.
  private static func run(_ row: Row, from first: Int = 0) throws -> Run {
    guard let state = RunState(rawValue: row[first + 2]) else {
      throw LogFailure(.corrupt, "a run has an unknown state")
    }
    var run = Run(
      id: RunID(rawValue: row[first]),
      position: LogPosition(rawValue: row[first + 1]),
      rule: row[first + 9],
      revision: row[first + 10],
      listener: row[first + 11],
      state: state,
      updated: Timestamp(microseconds: row[first + 8])
    )
    run.step = row[first + 3]
    run.attempts = row[first + 4]
    run.due = (row[first + 5] as Int64?).map(Timestamp.init(microseconds:))
    run.failure = row[first + 6]
    run.outputs = (row[first + 7] as Data?).map { [UInt8]($0) }
    return run
  }
}

// The requirements are documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension LogReader: LogReading {
  public func events(from position: LogPosition, limit: Int) throws(LogFailure) -> EventPage {
    try read { database in
      var page = EventPage()
      let rows = try Row.fetchCursor(
        database,
        sql: "SELECT position, recorded, body FROM event WHERE position >= ? ORDER BY position LIMIT ?",
        arguments: [position.rawValue, limit]
      )
      while let row = try rows.next() {
        try row.withUnsafeData(atIndex: 2) { body in
          page.append(
            position: LogPosition(rawValue: row[0]),
            recorded: Timestamp(microseconds: row[1]),
            json: body ?? Data()
          )
        }
      }
      return page
    }
  }

  public func position(source: String, id: String) throws(LogFailure) -> LogPosition? {
    try read { database in
      try Int64.fetchOne(
        database,
        sql: "SELECT position FROM event WHERE source = (SELECT id FROM name WHERE text = ?) AND id = ?",
        arguments: [Self.content(source), Self.content(id)]
      ).map(LogPosition.init)
    }
  }

  public func lastPosition() throws(LogFailure) -> LogPosition {
    try read { database in
      LogPosition(rawValue: try Int64.fetchOne(database, sql: "SELECT max(position) FROM event") ?? 0)
    }
  }

  public func runs(after id: RunID, states: Set<RunState>, limit: Int) throws(LogFailure) -> [Run] {
    try fetch(
      "WHERE run.id > ? AND \(Self.clause(states)) ORDER BY run.id LIMIT ?",
      [id.rawValue, limit]
    )
  }

  public func runs(of position: LogPosition) throws(LogFailure) -> [Run] {
    let (first, end) = try read { database in
      (try Self.firstRun(from: position, database), try Self.firstRun(from: position.next, database))
    }
    return try fetch("WHERE run.id >= ? AND run.id < ? ORDER BY run.id", [first, end])
  }

  public func pendingWork(
    of listener: String,
    after id: RunID,
    limit: Int
  ) throws(LogFailure) -> [RunWork] {
    try read { database in
      guard
        let name = try Int64.fetchOne(
          database,
          sql: "SELECT id FROM name WHERE text = ?",
          arguments: [Data(listener.utf8)]
        )
      else { return [] }
      var rows = try WorkReader(
        database,
        where: "state = 0 AND listener = ?1 AND run.id > ?2 ORDER BY run.id"
      )
      rows.ask(name, id.rawValue)
      var found: [RunWork] = []
      var bytes = 0
      while found.count < limit, bytes < Self.pendingBytes, let work = try rows.next() {
        bytes += work.event.count
        found.append(work)
      }
      return found
    }
  }

  /// Jumps from listener to listener in the index instead of reading all that waits.
  public func pendingListeners() throws(LogFailure) -> Set<String> {
    try read { database in
      try String.fetchSet(
        database,
        sql: """
          WITH RECURSIVE found(listener) AS (
            SELECT min(listener) FROM run WHERE state = 0
            UNION ALL
            SELECT (SELECT min(listener) FROM run WHERE state = 0 AND listener > found.listener)
            FROM found WHERE found.listener IS NOT NULL
          )
          SELECT CAST(text AS TEXT) FROM name WHERE id IN (SELECT listener FROM found)
          """
      )
    }
  }

  public func run(_ id: RunID) throws(LogFailure) -> Run? {
    try fetch("WHERE run.id = ?", [id.rawValue]).first
  }

  public func work(of ids: [RunID]) throws(LogFailure) -> [RunWork] {
    try read { database in
      var rows = try WorkReader(database, where: "run.id = ?1")
      return try ids.compactMap { id in
        rows.ask(id.rawValue)
        return try rows.next()
      }
    }
  }

  public func dueRuns(at instant: Timestamp, limit: Int) throws(LogFailure) -> [Run] {
    try fetch(
      "WHERE state = 2 AND due <= ? ORDER BY due, run.id LIMIT ?",
      [instant.microseconds, limit]
    )
  }

  public func nextDue() throws(LogFailure) -> Timestamp? {
    try read { database in
      try Int64.fetchOne(database, sql: "SELECT min(due) FROM run WHERE state = 2")
        .map(Timestamp.init(microseconds:))
    }
  }

  public func newestRuns(states: Set<RunState>, before id: RunID?, limit: Int) throws(LogFailure) -> [Run] {
    try fetch(
      "WHERE run.id < ? AND \(Self.clause(states)) ORDER BY run.id DESC LIMIT ?",
      [id?.rawValue ?? .max, limit]
    )
  }

  public func checkpoint(of source: String) -> any CheckpointReader {
    SQLiteCheckpoint(source: source, reader: self)
  }
}

/// The checkpoint of one source.
struct SQLiteCheckpoint: CheckpointReader {
  let source: String
  let reader: LogReader

  func value(for key: [UInt8]) throws -> [UInt8]? {
    try reader.read { database in
      try Data.fetchOne(
        database,
        sql: "SELECT value FROM checkpoint WHERE source = (SELECT id FROM name WHERE text = ?) AND key = ?",
        arguments: [Data(source.utf8), Data(key)]
      ).map { [UInt8]($0) }
    }
  }

  func forEach(_ body: (_ key: [UInt8], _ value: [UInt8]) throws -> Void) throws {
    try reader.read { database in
      let rows = try Row.fetchCursor(
        database,
        sql:
          "SELECT key, value FROM checkpoint WHERE source = (SELECT id FROM name WHERE text = ?) ORDER BY key",
        arguments: [Data(source.utf8)]
      )
      while let row = try rows.next() { try body([UInt8](row[0] as Data), [UInt8](row[1] as Data)) }
    }
  }
}
