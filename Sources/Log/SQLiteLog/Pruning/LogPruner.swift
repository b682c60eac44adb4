// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Failpoints
import Foundation
import GRDB

/// Forgets events inside a transaction.
///
/// Goes through the events in their order, once. What has to be kept is noted in the table `kept` and looked at again at
/// the end of each pass, a part at a time, unless its type is why it is kept. All runs of these events must have rows. Runs are found by their numbers, which ascend with their events; those that are made later, of
/// several events or of older ones, by the decisions that say so. Branches are found by the run that they belong to, and go
/// with it. Belongs to the writer thread.
struct LogPruner {
  let database: Database
  let eventRuns: EventRuns
  private var wish: Pruning
  /// The number of the newest run, which stays, since the next one is counted from it.
  let lastRun: Int64
  var forgotten = 0
  /// Whether there is a branch.
  private let hasBranches: Bool

  init(_ database: Database, _ wish: Pruning, lastRun: Int64) throws {
    hasBranches =
      try Bool.fetchOne(database, sql: "SELECT EXISTS (SELECT 1 FROM run WHERE parent IS NOT NULL)") ?? false
    self.database = database
    eventRuns = EventRuns(database: database)
    self.wish = wish
    // By these events a log proves what was erased.
    self.wish.keptTypes.insert(ErasureNotice.type)
    self.lastRun = lastRun
  }

  /// Forgets events, at most so many as the wish allows; `last` is the newest event, `seen` is up to where kept ones were
  /// looked at again.
  mutating func prune(last: Int64, seen: inout Int64) throws -> PruneOutcome {
    if let type = wish.type { return try prune(type: type, wish, last: last) }
    let origin = try LogOrigin.read(database)
    let first = origin.position + 1
    let limit = min(wish.before.rawValue, last)
    let end = min(limit, first + Int64(wish.limit))
    if first < end {
      try LogOrigin.write(try sift(first..<end, after: origin), database)
      try database.execute(sql: "DELETE FROM answer WHERE position < ?", arguments: [end])
      Failpoint.pruning.pass()
      try forget(first..<end)
      try LogGaps(database).remove(before: LogOrigin.read(database).position)
      try giveSpaceBack()
    }
    // Once in a pass, since it takes some queries for each.
    if end >= limit { try lookAgain(&seen) }
    return PruneOutcome(events: forgotten, isDone: end >= limit && seen == 0)
  }

  /// Notes which events of a part have to be kept, and gives the part's end.
  private func sift(_ part: Range<Int64>, after origin: LogHead) throws -> LogHead {
    let needed = try eventRuns.needed(part)
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT position, checksum, CAST(name.text AS TEXT) FROM event JOIN name ON name.id = event.type
        WHERE position >= ? AND position < ? ORDER BY position
        """,
      arguments: [part.lowerBound, part.upperBound]
    )
    let keep = try database.cachedStatement(
      sql: "INSERT INTO kept (position, before, by_type) VALUES (?, ?, ?)"
    )
    let gaps = LogGaps(database)
    let inStreams = try eventRuns.inStreams(part)
    var end = origin
    while let row = try rows.next() {
      let position: Int64 = try row.decode(atIndex: 0)
      let type: String = try row.decode(atIndex: 2)
      if position != end.position + 1, let gap = try gaps.gap(endingAt: position - 1) { end = gap.head }
      // Such events need not be looked at again.
      let isKeptForGood = wish.keptTypes.contains(type) || inStreams.contains(position)
      if isKeptForGood || needed.contains(position) {
        try keep.execute(arguments: [position, Data(end.checksum.bytes), isKeptForGood])
      }
      end = LogHead(
        position: position,
        checksum: try ChainedChecksum(stored: row.decode(Data.self, atIndex: 1))
      )
    }
    // What is gone at the part's end has been looked at, too.
    if let gap = try gaps.gap(beginningAt: end.position + 1), gap.first < part.upperBound { end = gap.head }
    return end
  }

  /// Forgets the events of a part that are not kept, with their runs and decisions.
  private mutating func forget(_ part: Range<Int64>) throws {
    let runs = try eventRuns.made(during: part)
    try forgetRuns(
      "id >= ?1 AND id < min(?2, ?3) AND state IN (\(EventRuns.over))",
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
        WHERE kept.by_type = 0 AND position > ? ORDER BY position LIMIT ?
        """,
      arguments: [seen, part]
    )
    seen = kept.count < part ? 0 : kept.last?[0] ?? 0
    for row in kept {
      let position: Int64 = try row.decode(atIndex: 0)
      if wish.keptTypes.contains(try row.decode(atIndex: 1)) {
        try database.execute(sql: "UPDATE kept SET by_type = 1 WHERE position = ?", arguments: [position])
        continue
      }
      let itself = position..<position + 1
      guard try eventRuns.needed(itself).isEmpty else { continue }
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
      AND coalesce(made, position) <= ?3 AND state IN (\(EventRuns.over))
      """,
      [position, lastRun, origin.position]
    )
  }

  /// Forgets runs that are no branches, with their branches.
  func forgetRuns(_ condition: String, _ arguments: StatementArguments) throws {
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
  func giveSpaceBack() throws {
    let free = try Int64.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
    let pages = try Int64.fetchOne(database, sql: "PRAGMA page_count") ?? 0
    let spare = free - max(pages / 20, 256)
    guard spare > 0 else { return }
    // Each step frees one page and gives a row.
    let steps = try Row.fetchCursor(database, sql: "PRAGMA incremental_vacuum(\(min(spare, 1000)))")
    while try steps.next() != nil {}
  }
}
