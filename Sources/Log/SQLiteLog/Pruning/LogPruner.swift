// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Failpoints
import Foundation
import GRDB

/// Forgets events inside a transaction.
///
/// Goes through the events in their order, once. What has to be kept is noted in the table `kept` and looked at again at
/// the end of each pass, a part at a time. All runs of these events must have rows. Runs are found by their numbers, which ascend with their events; those that are made later, of
/// several events or of older ones, by the decisions that say so. Branches are found by the run that they belong to, and go
/// with it. Belongs to the writer thread.
struct LogPruner {
  private static let over = RunState.allCases.filter(\.isOver).map { String($0.rawValue) }
    .joined(separator: ", ")

  private let database: Database
  private let wish: Pruning
  /// The number of the newest run, which stays, since the next one is counted from it.
  private let lastRun: Int64
  private var forgotten = 0
  /// Whether there is a branch.
  private let hasBranches: Bool

  init(_ database: Database, _ wish: Pruning, lastRun: Int64) throws {
    hasBranches =
      try Bool.fetchOne(database, sql: "SELECT EXISTS (SELECT 1 FROM run WHERE parent IS NOT NULL)") ?? false
    self.database = database
    self.wish = wish
    self.lastRun = lastRun
  }

  /// Forgets events, at most so many as the wish allows; `last` is the newest event, `seen` is up to where kept ones were
  /// looked at again.
  mutating func prune(last: Int64, seen: inout Int64) throws -> PruneOutcome {
    let origin = try LogOrigin.read(database)
    let first = origin.position + 1
    let limit = min(wish.before.rawValue, last)
    let end = min(limit, first + Int64(wish.limit))
    if first < end {
      try LogOrigin.write(try sift(first..<end, after: origin), database)
      try database.execute(sql: "DELETE FROM answer WHERE position < ?", arguments: [end])
      Failpoint.pruning.pass()
      try forget(first..<end)
      try giveSpaceBack()
    }
    // Once in a pass, since it takes some queries for each.
    if end >= limit { try lookAgain(&seen) }
    return PruneOutcome(events: forgotten, isDone: end >= limit && seen == 0)
  }

  /// Notes which events of a part have to be kept, and gives the part's end.
  private func sift(_ part: Range<Int64>, after origin: LogHead) throws -> LogHead {
    let needed = try self.needed(part)
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT position, checksum, CAST(name.text AS TEXT) FROM event JOIN name ON name.id = event.type
        WHERE position >= ? AND position < ? ORDER BY position
        """,
      arguments: [part.lowerBound, part.upperBound]
    )
    let keep = try database.cachedStatement(sql: "INSERT INTO kept (position, before) VALUES (?, ?)")
    var end = origin
    while let row = try rows.next() {
      let position: Int64 = try row.decode(atIndex: 0)
      let type: String = try row.decode(atIndex: 2)
      if needed.contains(position) || wish.keptTypes.contains(type) {
        try keep.execute(arguments: [position, Data(end.checksum.bytes)])
      }
      end = LogHead(
        position: position,
        checksum: try ChainedChecksum(stored: row.decode(Data.self, atIndex: 1))
      )
    }
    return end
  }

  /// The positions of a part that runs which are not over react to.
  private func needed(_ part: Range<Int64>) throws -> Set<Int64> {
    let runs = try self.runs(of: part)
    return try Set(
      Int64.fetchAll(
        database,
        sql: """
          SELECT position FROM run WHERE id >= ?1 AND id < ?2 AND state NOT IN (\(Self.over))
          UNION ALL
          SELECT decision.position FROM decision JOIN run ON run.id = decision.run
          WHERE decision.position >= ?3 AND decision.position < ?4 AND run.state NOT IN (\(Self.over))
          UNION ALL
          SELECT position FROM stream WHERE position >= ?3 AND position < ?4
          """,
        arguments: [runs.lowerBound, runs.upperBound, part.lowerBound, part.upperBound]
      )
    )
  }

  /// The numbers of the runs that were made while the events of a part were the newest.
  private func runs(of part: Range<Int64>) throws -> Range<Int64> {
    let first = try LogReader.firstRun(from: LogPosition(rawValue: part.lowerBound), database)
    let end = try LogReader.firstRun(from: LogPosition(rawValue: part.upperBound), database)
    return first..<max(first, end)
  }

  /// Forgets the events of a part that are not kept, with their runs and decisions.
  private mutating func forget(_ part: Range<Int64>) throws {
    let runs = try self.runs(of: part)
    try forgetRuns(
      "id >= ?1 AND id < min(?2, ?3) AND state IN (\(Self.over))",
      [runs.lowerBound, runs.upperBound, lastRun]
    )
    for table in ["decision", "event"] {
      try database.execute(
        sql: """
          DELETE FROM \(table) WHERE position >= ? AND position < ? AND position NOT IN (SELECT position FROM kept)
          """,
        arguments: [part.lowerBound, part.upperBound]
      )
    }
    forgotten += database.changesCount
  }

  /// Looks at kept events again, a part of them each time, and forgets those that are not needed any more.
  ///
  /// Ends with 0 when all have been looked at.
  private mutating func lookAgain(_ seen: inout Int64) throws {
    let part = max(1, wish.limit / 10)
    let kept = try Row.fetchAll(
      database,
      sql: """
        SELECT position, CAST(name.text AS TEXT) FROM kept JOIN event USING (position) JOIN name ON name.id = event.type
        WHERE position > ? ORDER BY position LIMIT ?
        """,
      arguments: [seen, part]
    )
    seen = kept.count < part ? 0 : kept.last?[0] ?? 0
    for row in kept {
      if wish.keptTypes.contains(try row.decode(atIndex: 1)) { continue }
      let position: Int64 = try row.decode(atIndex: 0)
      let itself = position..<position + 1
      guard try needed(itself).isEmpty else { continue }
      try forgetLateRuns(of: position)
      try database.execute(sql: "DELETE FROM kept WHERE position = ?", arguments: [position])
      try forget(itself)
    }
  }

  /// Forgets the runs of several events that were open when the log looked at the newest one of these.
  private func forgetLateRuns(of position: Int64) throws {
    let origin = try LogOrigin.read(database)
    try forgetRuns(
      """
      id IN (SELECT run FROM decision WHERE position = ?1) AND id < ?2
      AND coalesce(made, position) <= ?3 AND state IN (\(Self.over))
      """,
      [position, lastRun, origin.position]
    )
  }

  /// Forgets runs that are no branches, with their branches.
  private func forgetRuns(_ condition: String, _ arguments: StatementArguments) throws {
    guard hasBranches else {
      return try database.execute(sql: "DELETE FROM run WHERE \(condition)", arguments: arguments)
    }
    try database.execute(
      sql: """
        WITH RECURSIVE family (member) AS (
          SELECT id FROM run WHERE parent IS NULL AND \(condition)
          UNION SELECT id FROM run JOIN family ON parent = member
        )
        DELETE FROM run WHERE id IN (SELECT member FROM family WHERE member != \(lastRun))
        """,
      arguments: arguments
    )
  }

  /// Gives free pages back to the disk, unless there are few, which the next events will use.
  private func giveSpaceBack() throws {
    let free = try Int64.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
    let pages = try Int64.fetchOne(database, sql: "PRAGMA page_count") ?? 0
    let spare = free - max(pages / 20, 256)
    guard spare > 0 else { return }
    // Each step frees one page and gives a row.
    let steps = try Row.fetchCursor(database, sql: "PRAGMA incremental_vacuum(\(min(spare, 1000)))")
    while try steps.next() != nil {}
  }
}
