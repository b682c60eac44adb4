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

  init(_ database: Database) throws {
    // The batch in which the number may be, and all later ones.
    rows = try PreparedStatement(
      database,
      """
      SELECT first, runs FROM fresh
      WHERE first >= coalesce((SELECT max(first) FROM fresh WHERE first <= ?1), 0) ORDER BY first
      """
    )
    listRows = try PreparedStatement(database, "SELECT number, runs FROM attempted ORDER BY number")
    row = try PreparedStatement(database, "SELECT id FROM run WHERE id = ?")
    lastRow = try PreparedStatement(database, "SELECT max(id) FROM run").integer() ?? 0
    names = try RunRow(database)
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
  private func beginnings() throws -> [Int64: Int64] {
    var found: [Int64: Int64] = [:]
    for list in try lists() { for run in list.runs { found[run] = list.time } }
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
    var beginnings: [Int64: Int64]?
    var found: [Run] = []
    while try rows.step() {
      let known = try beginnings ?? self.beginnings()
      beginnings = known
      for var run in try FreshCoding.runs(rows.bytes(1)) where run.id > id {
        if let begun = known[run.id] {
          run.isRunning = true
          run.updated = begun
        }
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

  /// A fresh run by its number.
  mutating func run(_ id: RunID) throws -> Run? {
    try runs(after: id.rawValue - 1, limit: 1) { $0.id == id.rawValue }.first
  }

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
