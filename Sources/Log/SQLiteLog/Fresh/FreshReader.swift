// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import GRDB

/// Reads fresh runs: those of the table `fresh` that have no row in `run`.
///
/// Belongs to the thread of its connection and to one read.
struct FreshReader {
  private let rows: PreparedStatement
  private let listRows: PreparedStatement
  private let row: PreparedStatement
  /// The newest run with a row: later ones need not be looked for.
  private let lastRow: Int64
  private var names: RunRow
  /// When the first attempts began of runs that began after they were made; nil until somebody asks.
  private var known: [Int64: Int64]?

  init(_ database: Database) throws {
    // The batch in which the number may be, and all later ones.
    rows = try PreparedStatement(
      database,
      """
      SELECT first, runs FROM fresh
      WHERE first >= coalesce((SELECT max(first) FROM fresh WHERE first <= ?1), 0) ORDER BY first
      """,
      isCached: true
    )
    func statement(_ sql: String) throws -> PreparedStatement {
      try PreparedStatement(database, sql, isCached: true)
    }
    listRows = try statement("SELECT number, runs FROM attempted ORDER BY number")
    row = try statement("SELECT id FROM run WHERE id = ?")
    lastRow = try statement("SELECT max(id) FROM run").integer() ?? 0
    names = try RunRow(database, isCached: true)
  }

  /// The batches of the table, without the runs that have rows.
  func batches() throws -> [(first: Int64, runs: [FreshRun])] {
    rows.bind(1, 0)
    var found: [(first: Int64, runs: [FreshRun])] = []
    while try rows.step() {
      found.append((rows.integer(0), try FreshCoding.runs(rows.bytes(1)).filter(isFresh)))
    }
    return found
  }

  /// The lists of runs whose first attempt has begun after they were made.
  ///
  /// Each begins with the time at which it was written.
  func lists() throws -> [(number: Int64, time: Int64, runs: [Int64])] {
    var found: [(number: Int64, time: Int64, runs: [Int64])] = []
    while try listRows.step() {
      let list = try FreshCoding.ids(listRows.bytes(1))
      found.append((listRows.integer(0), list.first ?? 0, Array(list.dropFirst())))
    }
    return found
  }

  /// When the first attempts began of those runs that began after they were made.
  private mutating func beginnings() throws -> [Int64: Int64] {
    if let known { return known }
    var found: [Int64: Int64] = [:]
    for list in try lists() { for run in list.runs { found[run] = list.time } }
    known = found
    return found
  }

  private func isFresh(_ run: FreshRun) throws -> Bool {
    guard run.id <= lastRow else { return true }
    row.bind(1, run.id)
    return try row.integer() == nil
  }

  /// Fresh runs after a number that are asked for, ascending, at most so many.
  mutating func runs(
    after id: Int64,
    limit: Int = .max,
    where isWanted: (FreshRun) -> Bool = { _ in true }
  ) throws -> [Run] {
    rows.bind(1, id)
    var found: [Run] = []
    while try rows.step() {
      for run in try runsOfBatch() where run.id > id {
        guard isWanted(run), try isFresh(run) else { continue }
        found.append(try self.run(run))
        if found.count == limit {
          rows.reset()
          return found
        }
      }
    }
    return found
  }

  /// The runs of the present batch, as they are by now.
  private mutating func runsOfBatch() throws -> [FreshRun] {
    let begun = try beginnings()
    return try FreshCoding.runs(rows.bytes(1)).map { run in
      guard let time = begun[run.id] else { return run }
      var run = run
      run.isRunning = true
      run.updated = time
      return run
    }
  }

  /// Fresh runs by their numbers; each batch in which there may be some is read once.
  mutating func runs(_ ids: Set<Int64>) throws -> [Int64: Run] {
    guard let first = ids.min(), let last = ids.max() else { return [:] }
    rows.bind(1, first)
    var found: [Int64: Run] = [:]
    while try rows.step() {
      guard rows.integer(0) <= last else { break }
      for run in try runsOfBatch() where ids.contains(run.id) {
        if try isFresh(run) { found[run.id] = try self.run(run) }
      }
    }
    rows.reset()
    return found
  }

  /// A fresh run by its number.
  mutating func run(_ id: RunID) throws -> Run? { try runs([id.rawValue])[id.rawValue] }

  private mutating func run(_ fresh: FreshRun) throws -> Run {
    Run(
      id: RunID(rawValue: fresh.id),
      position: LogPosition(rawValue: fresh.position),
      names: try names.names(fresh.names),
      state: fresh.state,
      updated: Timestamp(microseconds: fresh.updated)
    )
  }
}
