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
      try queue.read(SQLiteSchema.check)
    } catch {
      throw LogFailure(error)
    }
  }

  func close() { try? queue.close() }

  /// After how many bytes of events a read of pending work ends.
  private static let pendingBytes = 4 << 20

  /// Runs a query in one view of the log; whatever goes wrong becomes a `LogFailure`.
  func read<Value>(_ query: (Database) throws -> Value) throws(LogFailure) -> Value {
    do {
      return try queue.inDatabase { database in
        // `DatabaseQueue.read` does not bear a connection that is gone.
        guard database.sqliteConnection != nil else {
          throw LogFailure(.closed, "the log has been closed")
        }
        var value: Value?
        try database.inTransaction(.deferred) {
          value = try query(database)
          return .commit
        }
        guard let value else { preconditionFailure("what was committed has been read") }
        return value
      }
    } catch {
      throw LogFailure(error)
    }
  }

  /// The bytes of all pages that are in use.
  func size() throws(LogFailure) -> Int {
    try read { database in
      let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
      let free = try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
      return (pages - free) * (try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 0)
    }
  }

  /// An attribute as a batch holds it: escaped as in JSON.
  static func content(_ text: String) -> Data {
    var bytes: [UInt8] = []
    JSONWriter.appendContent(text, to: &bytes)
    return Data(bytes)
  }

  /// Which fresh runs are asked for; nil when none can be.
  private static func fresh(
    _ states: Set<RunState>,
    _ isAskedFor: @escaping (FreshRun) -> Bool
  ) -> ((FreshRun) -> Bool)? {
    guard states.contains(.running) || states.contains(.pending) else { return nil }
    return { states.contains($0.state) && isAskedFor($0) }
  }

  /// The number of the first run that was made for an event at a position, or after that was appended.
  ///
  /// Runs are made in the order of events, so their numbers are searched instead of keeping an index.
  static func firstRun(from position: LogPosition, _ database: Database) throws -> Int64 {
    let probe = try database.cachedStatement(
      sql: "SELECT coalesce(made, position) FROM run WHERE id >= ? ORDER BY id LIMIT 1"
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

  /// Runs, and those without a row that are asked for.
  ///
  /// `arguments` are bound to `?1`, `?2` ….
  private func fetch(
    _ clause: String,
    _ arguments: [Int64],
    fresh isAskedFor: ((FreshRun) -> Bool)? = nil
  ) throws(LogFailure) -> [Run] {
    try read { database in
      let sql = "SELECT \(RunRow.columns) FROM run \(clause)"
      let rows = try PreparedStatement(database, sql, isCached: true)
      for (index, argument) in arguments.enumerated() { rows.bind(Int32(index + 1), argument) }
      var row = try RunRow(database, isCached: true)
      var found: [Run] = []
      while try rows.step() { found.append(try row.run(rows)) }
      if let isAskedFor {
        var fresh = try FreshReader(database)
        found += try fresh.runs(after: 0, where: isAskedFor)
      }
      return found
    }
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
      while page.bytes.count < EventPage.mostBytes, let row = try rows.next() {
        try row.withUnsafeData(atIndex: 2) { body in
          page.append(
            position: LogPosition(rawValue: try row.decode(atIndex: 0)),
            recorded: Timestamp(microseconds: try row.decode(atIndex: 1)),
            json: body ?? Data()
          )
        }
      }
      return page
    }
  }

  public func events(
    ofType type: String,
    from position: LogPosition,
    limit: Int
  ) throws(LogFailure) -> EventPage {
    try read {
      try EventRow($0).page(ofType: type, from: position, limit: limit, bytes: EventPage.mostBytes)
    }
  }

  public func positions(ofID id: String) throws(LogFailure) -> [LogPosition] {
    try read { database in
      // From source to source in the index of identities, since there is none of ids alone.
      try Int64.fetchAll(
        database,
        sql: """
          WITH RECURSIVE known (source) AS (
            SELECT min(source) FROM event
            UNION ALL SELECT (SELECT min(source) FROM event WHERE source > known.source) FROM known
            WHERE known.source IS NOT NULL
          )
          SELECT position FROM known JOIN event ON event.source = known.source AND event.id = ? ORDER BY position
          """,
        arguments: [Self.content(id)]
      ).map(LogPosition.init)
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
    let found = try fetch(
      "WHERE id > ? AND \(SQLiteSchema.clause(states)) ORDER BY id LIMIT ?",
      [id.rawValue, Int64(limit)],
      fresh: Self.fresh(states) { $0.id > id.rawValue }
    )
    return Array(found.sorted { $0.id < $1.id }.prefix(limit))
  }

  public func runs(of position: LogPosition) throws(LogFailure) -> [Run] {
    let (first, end) = try read { database in
      (try Self.firstRun(from: position, database), try Self.firstRun(from: position.next, database))
    }
    let found = try fetch(
      "WHERE (id >= ?1 AND id < ?2 AND position = ?3 AND parent IS NULL) OR id IN (SELECT run FROM decision WHERE position = ?3)",
      [first, end, position.rawValue],
      fresh: { $0.position == position.rawValue }
    )
    return found.sorted { $0.id < $1.id }
  }

  public func branches(
    of run: RunID,
    fork: Int,
    after place: Int,
    limit: Int
  ) throws(LogFailure) -> [Run] {
    try fetch(
      "WHERE parent = ?1 AND fork = ?2 AND place > ?3 ORDER BY place LIMIT ?4",
      [run.rawValue, Int64(fork), Int64(place), Int64(limit)]
    )
  }

  public func pendingWork(
    of lane: LaneName,
    after id: RunID,
    limit: Int
  ) throws(LogFailure) -> PendingWork {
    try read { database in
      let find = try database.cachedStatement(sql: "SELECT id FROM name WHERE text = ?")
      guard let listener = try Int64.fetchOne(find, arguments: [Data(lane.listener.utf8)]),
        let rule = try Int64.fetchOne(find, arguments: [Data(lane.rule.utf8)])
      else { return PendingWork([], isAll: true) }
      let runs = try Self.pendingRuns(listener, rule, after: id.rawValue, limit: limit, database)
      let events = try EventRow(database, isCached: true)
      var found: [RunWork] = []
      var bytes = 0
      for run in runs {
        guard bytes < Self.pendingBytes else { return PendingWork(found, isAll: false) }
        guard let event = try events.event(at: run.position) else { continue }
        bytes += event.count
        found.append(RunWork(run: run, event: event))
      }
      return PendingWork(found, isAll: runs.count < limit)
    }
  }

  /// Pending runs of a lane, with and without rows, ascending.
  private static func pendingRuns(
    _ listener: Int64,
    _ rule: Int64,
    after id: Int64,
    limit: Int,
    _ database: Database
  ) throws -> [Run] {
    let rows = try PreparedStatement(
      database,
      """
      SELECT \(RunRow.columns) FROM run WHERE state = 0 AND listener = ?1 AND rule = ?2 AND run.id > ?3
      ORDER BY run.id LIMIT ?4
      """,
      isCached: true
    )
    for (index, value) in [listener, rule, id, Int64(limit)].enumerated() {
      rows.bind(Int32(index + 1), value)
    }
    var row = try RunRow(database, isCached: true)
    var found: [Run] = []
    while try rows.step() { found.append(try row.run(rows)) }
    let bound = found.count == limit ? found.last?.id.rawValue ?? .max : .max
    var reader = try FreshReader(database)
    let fresh = try reader.runs(after: id, limit: limit) { run in
      !run.isRunning && run.names.listener == listener && run.names.rule == rule && run.id < bound
    }
    return Array((found + fresh).sorted { $0.id < $1.id }.prefix(limit))
  }

  /// Jumps from lane to lane in the index instead of reading all that waits.
  public func pendingLanes() throws(LogFailure) -> Set<LaneName> {
    try read { database in
      let next = try PreparedStatement(
        database,
        """
        SELECT listener, rule FROM run WHERE state = 0 AND (listener, rule) > (?1, ?2)
        ORDER BY listener, rule LIMIT 1
        """,
        isCached: true
      )
      var names = try RunRow(database, isCached: true)
      var found: Set<LaneName> = []
      var last: (listener: Int64, rule: Int64) = (0, 0)
      while true {
        next.bind(1, last.listener)
        next.bind(2, last.rule)
        guard try next.step() else { break }
        last = (next.integer(0), next.integer(1))
        next.reset()
        found.insert(LaneName(listener: try names.name(last.listener), rule: try names.name(last.rule)))
      }
      var fresh = try FreshReader(database)
      return try found.union(fresh.runs(after: 0) { !$0.isRunning }.map(\.lane))
    }
  }

  public func run(_ id: RunID) throws(LogFailure) -> Run? {
    if let run = try fetch("WHERE id = ?", [id.rawValue]).first { return run }
    return try read { database in
      var fresh = try FreshReader(database)
      return try fresh.run(id)
    }
  }

  public func work(of ids: [RunID]) throws(LogFailure) -> [RunWork] {
    try read { database in
      var rows = try WorkReader(database, where: "run.id = ?1")
      var found: [RunID: RunWork] = [:]
      for id in ids {
        rows.ask(id.rawValue)
        found[id] = try rows.next()
      }
      let others = Set(ids.lazy.filter { found[$0] == nil }.map(\.rawValue))
      var fresh = try FreshReader(database)
      let events = try EventRow(database, isCached: true)
      for (id, run) in try fresh.runs(others) {
        guard let event = try events.event(at: run.position) else { continue }
        found[RunID(rawValue: id)] = RunWork(run: run, event: event)
      }
      return ids.compactMap { found[$0] }
    }
  }

  public func interruptedRuns(limit: Int) throws(LogFailure) -> [Run] {
    try fetch(
      "WHERE interruptions > 0 AND state = \(RunState.waiting.rawValue) ORDER BY id LIMIT ?",
      [Int64(limit)]
    )
  }

  public func runsInWait(limit: Int) throws(LogFailure) -> [Run] {
    let states = SQLiteSchema.anyOf([.queued, .behind])
    return try fetch(
      "WHERE id IN (SELECT run FROM succession) AND \(states) ORDER BY id LIMIT ?",
      [Int64(limit)]
    )
  }

  public func dueRuns(at instant: Timestamp, limit: Int) throws(LogFailure) -> [Run] {
    try fetch(
      "WHERE state = 2 AND due <= ? ORDER BY due, id LIMIT ?",
      [instant.microseconds, Int64(limit)]
    )
  }

  public func nextDue() throws(LogFailure) -> Timestamp? {
    try read { database in
      try Int64.fetchOne(database, sql: "SELECT min(due) FROM run WHERE state = 2")
        .map(Timestamp.init(microseconds:))
    }
  }

  public func newestRuns(states: Set<RunState>, before id: RunID?, limit: Int) throws(LogFailure) -> [Run] {
    let found = try fetch(
      "WHERE id < ? AND \(SQLiteSchema.clause(states)) ORDER BY id DESC LIMIT ?",
      [id?.rawValue ?? .max, Int64(limit)],
      fresh: Self.fresh(states) { run in id.map { run.id < $0.rawValue } ?? true }
    )
    return Array(found.sorted { $0.id > $1.id }.prefix(limit))
  }

  public func checkpoint(of source: String) -> any CheckpointReader {
    SQLiteCheckpoint(source: source, reader: self)
  }
}
