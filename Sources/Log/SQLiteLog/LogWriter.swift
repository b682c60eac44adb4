// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources
import Foundation
import GRDB

/// Writes changes inside a transaction; owned by the writer thread.
///
/// It is what a router sees of the transaction, too (`LogWriter+Routing`).
final class LogWriter {
  /// What must be as before when a transaction is rolled back.
  struct Heads {
    var position: Int64
    var checksum: ChainedChecksum
    /// When the newest event was recorded.
    var recorded: Int64
    var run: Int64
    /// The newest event for which a run was made; one that is made for an older event is late.
    var routed: Int64
    var window: Int64
    /// Up to where events that were kept have been looked at again.
    var lookedAgain: Int64 = 0
  }

  private(set) var heads: Heads
  /// The times of the change under way.
  var time = SteadyClock.Reading(steady: Timestamp(seconds: 0), civil: Timestamp(seconds: 0))
  /// What the commit of the batch under way tells of.
  var made: (runs: [Run], cancelled: [Run], due: Timestamp?) = ([], [], nil)
  private let database: Database
  private var names: NameTable
  private var lastNames: (names: RunNames, ids: NameIDs)?
  private let runWriter: RunWriter
  let runReader: RunReader
  let history: HistoryWriter
  let awaits: AwaitWriter
  let branches: BranchWriter
  let windows: WindowWriter
  let streams: StreamWriter
  private let fresh: FreshRuns
  private var salts: SaltSource
  /// Whether there may be a run that others wait for; without, no run has to be looked at when it changes.
  var hasSuccession: Bool
  private let insertEvent: PreparedStatement
  private let findEvent: PreparedStatement
  private let setCheckpoint: PreparedStatement
  private let removeCheckpoint: PreparedStatement
  private let setHead: PreparedStatement
  private let setClock: PreparedStatement

  init(_ database: Database, random: some RandomNumberGenerator) throws {
    self.database = database
    var random = random
    salts = SaltSource(&random)
    heads = try Self.readHeads(database)
    names = try NameTable(database)
    runWriter = try RunWriter(database)
    runReader = try RunReader(database)
    history = try HistoryWriter(database)
    awaits = try AwaitWriter(database)
    branches = try BranchWriter(database)
    windows = try WindowWriter(database)
    streams = try StreamWriter(database)
    fresh = try FreshRuns(database)
    hasSuccession = try RunReader.hasSuccession(database)
    insertEvent = try PreparedStatement(
      database,
      """
      INSERT INTO event (position, recorded, source, id, type, body, checksum, salt) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (source, id) DO NOTHING
      """
    )
    findEvent = try PreparedStatement(database, "SELECT position FROM event WHERE source = ? AND id = ?")
    setCheckpoint = try PreparedStatement(
      database,
      "INSERT OR REPLACE INTO checkpoint (source, key, value) VALUES (?, ?, ?)"
    )
    removeCheckpoint = try PreparedStatement(
      database,
      "DELETE FROM checkpoint WHERE source = ? AND key = ?"
    )
    setHead = try PreparedStatement(
      database,
      "INSERT OR REPLACE INTO meta (key, value) VALUES ('head', ?)"
    )
    setClock = try PreparedStatement(
      database,
      "INSERT OR REPLACE INTO meta (key, value) VALUES ('clock', ?)"
    )
  }

  /// The newest event and run; the head of the chain is also kept apart, so that a cut tail is noticed.
  private static func readHeads(_ database: Database) throws -> Heads {
    let last = try Row.fetchOne(
      database,
      sql: "SELECT position, checksum, recorded FROM event ORDER BY position DESC LIMIT 1"
    )
    let run = try Row.fetchOne(
      database,
      sql: "SELECT id, coalesce(made, position) FROM run ORDER BY id DESC LIMIT 1"
    )
    let fresh = try FreshReader(database).batches().last { !$0.runs.isEmpty }?.runs.last
    let window = try Int64.fetchOne(database, sql: "SELECT max(id) FROM window") ?? 0
    let checksum =
      try last.map { try ChainedChecksum(stored: $0.decode(Data.self, forColumn: "checksum")) } ?? .start
    let heads = Heads(
      position: last?["position"] ?? 0,
      checksum: checksum,
      recorded: last?["recorded"] ?? .min,
      run: max(run?[0] ?? 0, fresh?.id ?? 0),
      routed: max(run?[1] ?? 0, fresh?.position ?? 0),
      window: window
    )
    let stored = try Data.fetchOne(database, sql: "SELECT value FROM meta WHERE key = 'head'")
    guard
      stored.map({ [UInt8]($0) == LogHead(position: heads.position, checksum: heads.checksum).bytes })
        ?? (heads.position == 0)
    else {
      throw LogFailure(.corrupt, "the newest events of the log are missing or were changed")
    }
    return heads
  }

  /// Undoes in memory what a rollback undid on disk.
  func restore(_ heads: Heads) throws {
    try fresh.read(database)
    self.heads = heads
    made = ([], [], nil)
    names.forget()
    lastNames = nil
    runReader.forget()
    windows.forget()
    awaits.suspect()
    branches.suspect()
  }

  /// Writes from which time the next host goes on; once in each transaction.
  func writeClock() throws {
    try StoredClock(time).bytes.withUnsafeBytes { bytes in
      setClock.bind(1, bytes)
      try setClock.run()
    }
  }

  /// Writes which runs have no rows; once in each transaction.
  func writeFresh() throws { try fresh.write(at: time.civil.microseconds, keep) }

  /// Gives a fresh run its row.
  private func keep(_ run: FreshRun) throws { try runWriter.insert(run, run.state, at: run.updated) }

  /// Writes what the next start compares the newest event with; once in each transaction.
  func writeHead() throws {
    let value = LogHead(position: heads.position, checksum: heads.checksum).bytes
    try value.withUnsafeBytes { bytes in
      setHead.bind(1, bytes)
      try setHead.run()
    }
  }

  /// Changes runs; says for each change whether the run's state allowed it, and what it has led to besides.
  func apply(_ changes: [RunChange]) throws -> (results: [Bool], Consequences) {
    var results: [Bool] = []
    results.reserveCapacity(changes.count)
    var all = Consequences()
    for change in changes {
      // What has no row is at no gate, has no turn, and is no branch.
      let isLooked = hasSuccession || branches.mayBeAwaited || change.mayEnterGate
      let before = isLooked ? try runReader.run(change.run) : nil
      let isDone = try self.change(change)
      results.append(isDone)
      if case .advance(_, let next, _) = change, next.turn != nil { hasSuccession = true }
      guard isDone, isLooked || hasSuccession, let after = try runReader.run(change.run) else { continue }
      all.add(try consequences(of: change, before ?? after, after))
    }
    return (results, all)
  }

  /// Changes a source's checkpoint.
  func apply(_ changes: [CheckpointChange], of source: String) throws {
    let id = try self.id(of: source)
    for change in changes {
      try change.key.withUnsafeBytes { key in
        if let value = change.value {
          try value.withUnsafeBytes { value in
            setCheckpoint.bind(1, id)
            setCheckpoint.bind(2, key)
            setCheckpoint.bind(3, value)
            try setCheckpoint.run()
          }
        } else {
          removeCheckpoint.bind(1, id)
          removeCheckpoint.bind(2, key)
          try removeCheckpoint.run()
        }
      }
    }
  }

  /// Appends events and says what became of each.
  func append(_ events: EventBatch) throws -> [AppendOutcome] {
    var outcomes: [AppendOutcome] = []
    outcomes.reserveCapacity(events.count)
    let recorded = time.civil.microseconds
    let bytes = events.bytes.span.bytes
    for entry in events.entries {
      outcomes.append(try append(entry, of: bytes, at: recorded))
    }
    return outcomes
  }

  /// Appends events of another log and says what became of each.
  func append(_ other: EventImport) throws -> [AppendOutcome] {
    let bytes = other.events.bytes.span.bytes
    var outcomes: [AppendOutcome] = []
    outcomes.reserveCapacity(other.events.count)
    let first = heads.position + 1
    for (index, entry) in other.events.entries.enumerated() {
      let last = Timestamp(microseconds: heads.recorded)
      let recorded = other.recorded(index, after: last, at: time.civil)
      outcomes.append(try append(entry, of: bytes, at: recorded.microseconds))
    }
    if first <= heads.position { try noteImport(first...heads.position) }
    return outcomes
  }

  /// Notes which events came from another log.
  private func noteImport(_ positions: ClosedRange<Int64>) throws {
    let find = try database.cachedStatement(sql: "SELECT first FROM imported WHERE last = ?")
    let before = try Int64.fetchOne(find, arguments: [positions.lowerBound - 1])
    if before != nil {
      let remove = try database.cachedStatement(sql: "DELETE FROM imported WHERE last = ?")
      try remove.execute(arguments: [positions.lowerBound - 1])
    }
    let insert = try database.cachedStatement(sql: "INSERT INTO imported (last, first) VALUES (?, ?)")
    try insert.execute(arguments: [positions.upperBound, before ?? positions.lowerBound])
  }

  private func append(
    _ entry: EventBatch.Entry,
    of bytes: RawSpan,
    at recorded: Int64
  ) throws -> AppendOutcome {
    let source = try id(of: bytes.extracting(entry.source))
    let type = try id(of: bytes.extracting(entry.type))
    let position = heads.position + 1
    var checksum = heads.checksum
    let body = bytes.extracting(entry.json)
    insertEvent.bind(1, position)
    insertEvent.bind(2, recorded)
    insertEvent.bind(3, source)
    insertEvent.bind(5, type)
    try bytes.withUnsafeBytes { all in
      insertEvent.bind(4, UnsafeRawBufferPointer(rebasing: all[entry.id]))
      insertEvent.bind(6, UnsafeRawBufferPointer(rebasing: all[entry.json]))
      try salts.next { salt in
        body.withUnsafeBytes {
          checksum.advance(position: position, recorded: recorded, salt: salt, body: $0)
        }
        try checksum.withUnsafeBytes { sum in
          insertEvent.bind(7, sum)
          insertEvent.bind(8, salt)
          try insertEvent.run()
        }
      }
    }
    guard insertEvent.changes == 1 else {
      return .duplicate(try findPosition(source, bytes.extracting(entry.id)))
    }
    heads.position = position
    heads.checksum = checksum
    heads.recorded = recorded
    return .appended(LogPosition(rawValue: position))
  }

  /// Where an event is; nil when it is not there.
  func position(of event: EventIdentity) throws -> Int64? {
    let source = try event.source.withUnsafeBytes { try names.id(of: $0) }
    return try event.id.withUnsafeBytes { id in
      findEvent.bind(1, source)
      findEvent.bind(2, id)
      return try findEvent.integer()
    }
  }

  private func findPosition(_ source: Int64, _ id: RawSpan) throws -> LogPosition {
    let found = try id.withUnsafeBytes { id in
      findEvent.bind(1, source)
      findEvent.bind(2, id)
      return try findEvent.integer()
    }
    guard let found else { throw LogFailure(.corrupt, "an event is in the index but not in the table") }
    return LogPosition(rawValue: found)
  }

  /// Changes a run, whatever waits for it; false when its state does not allow the change.
  func change(_ change: RunChange) throws -> Bool {
    let now = time.civil.microseconds
    if case .attempt(let run, let listener) = change {
      if fresh.attempt(run.rawValue, by: try id(of: listener), at: now) { return true }
    }
    if let run = fresh.take(change.run.rawValue) {
      if run.isRunning, case .finish(_, let outputs) = change {
        try runWriter.insert(run, .done, outputs: outputs, at: now)
        return true
      }
      try keep(run)
    }
    guard try runWriter.apply(change, at: now, names: { try id(of: $0) }) else { return false }
    try awaits.forget(after: change)
    return true
  }

  /// Notes what a run waits for that is held; gives the run, or nil if it is not held.
  func note(awaiting event: AwaitedEvent, of run: RunID) throws -> Run? {
    // What was cancelled meanwhile is not held.
    guard let found = try runReader.run(run), found.state == .waiting else { return nil }
    try awaits.add(run, site: try id(of: event.site), key: event.key)
    return found
  }

  /// Stores a run under the next number; it is late when it is made for an older event than the one before.
  func insert(_ new: NewRun) throws -> (run: Run, isLate: Bool) {
    heads.run += 1
    let run = new.run(RunID(rawValue: heads.run), at: time.civil)
    let isLate = run.position.rawValue < heads.routed
    heads.routed = max(heads.routed, run.position.rawValue)
    let names = try ids(of: run.names)
    if fresh.hasRoom, FreshRun.canKeep(run, isLate: isLate) {
      fresh.note(
        FreshRun(
          id: run.id.rawValue,
          position: run.position.rawValue,
          updated: run.updated.microseconds,
          names: names,
          isRunning: run.state == .running
        )
      )
    } else {
      try runWriter.insert(run, names, made: isLate ? heads.routed : nil)
    }
    return (run, isLate)
  }

  /// Forgets events.
  func prune(_ wish: Pruning) throws -> PruneOutcome {
    try fresh.settle(before: wish.before.rawValue, keep)
    var pruner = try LogPruner(database, wish, lastRun: heads.run)
    return try pruner.prune(last: heads.position, seen: &heads.lookedAgain)
  }

  /// Erases events; gives what was done, and the notice that is to be appended next, if there is to be one.
  func erase(_ wish: Erasure) throws -> (ErasureOutcome, notice: EventBatch) {
    let end = (wish.positions.map(\.rawValue).max() ?? 0) + 1
    try fresh.settle(before: end, keep)
    let notice = heads.position + 1
    var (outcome, digest) = try EventEraser(database).erase(wish, notice: notice)
    guard !outcome.erased.isEmpty else { return (outcome, EventBatch()) }
    outcome.notice = LogPosition(rawValue: notice)
    let batch = try ErasureNotice.batch(
      outcome.erased,
      of: wish,
      id: ErasureProof.id(after: heads.checksum),
      digest: digest,
      at: time.civil
    )
    return (outcome, batch)
  }

  /// The ids of a run's names; the same ones often come many times in a row.
  private func ids(of names: RunNames) throws -> NameIDs {
    if let last = lastNames, last.names == names { return last.ids }
    let ids = NameIDs(
      rule: try id(of: names.rule),
      revision: try id(of: names.revision),
      listener: try id(of: names.listener)
    )
    lastNames = (names, ids)
    return ids
  }

  /// The number of the next window.
  func nextWindow() -> Int64 {
    heads.window += 1
    return heads.window
  }

  private func id(of span: RawSpan) throws -> Int64 {
    try span.withUnsafeBytes { try names.id(of: $0) }
  }

  func id(of text: String) throws -> Int64 {
    var text = text
    return try text.withUTF8 { try names.id(of: UnsafeRawBufferPointer($0)) }
  }
}
