// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Foundation
import GRDB

/// Forgets the events of one type, found by their type and wherever they are.
///
/// Before the origin they are among those that were kept; behind it they leave gaps.
extension LogPruner {
  private struct Candidate {
    let position: Int64
    let checksum: ChainedChecksum
  }

  mutating func prune(type: String, _ wish: Pruning, last: Int64) throws -> PruneOutcome {
    let origin = try LogOrigin.read(database).position
    // By these events a log proves what was erased.
    guard type != ErasureNotice.type else { return PruneOutcome(events: 0, isDone: true) }
    let found = try candidates(type, wish, before: min(wish.before.rawValue, last))
    let needed = try eventRuns.needed(found.map(\.position))
    for candidate in found where !needed.contains(candidate.position) {
      try forget(candidate.position)
      if candidate.position <= origin {
        let statement = try database.cachedStatement(sql: "DELETE FROM kept WHERE position = ?")
        try statement.execute(arguments: [candidate.position])
      } else {
        try LogGaps(database).add(candidate.position, candidate.checksum)
      }
      forgotten += 1
    }
    try giveSpaceBack()
    var outcome = PruneOutcome(events: forgotten, isDone: found.count < wish.limit)
    outcome.seen = found.last.map { LogPosition(rawValue: $0.position) } ?? wish.after
    return outcome
  }

  private func candidates(_ type: String, _ wish: Pruning, before end: Int64) throws -> [Candidate] {
    try Row.fetchAll(
      database,
      sql: """
        SELECT position, checksum FROM event INDEXED BY event_type
        WHERE type = (SELECT id FROM name WHERE text = ?) AND position > ? AND position < ?
        ORDER BY position LIMIT ?
        """,
      arguments: [LogReader.content(type), wish.after.rawValue, end, wish.limit]
    ).map { row in
      Candidate(
        position: try row.decode(atIndex: 0),
        checksum: try ChainedChecksum(stored: row.decode(Data.self, atIndex: 1))
      )
    }
  }

  /// Forgets an event with its decisions, and with the runs of which it was the last one that was left.
  private func forget(_ position: Int64) throws {
    let reactions = try eventRuns.over(of: position).filter { $0.id < lastRun }
    for table in ["decision", "event"] {
      try database.cachedStatement(sql: "DELETE FROM \(table) WHERE position = ?")
        .execute(arguments: [position])
    }
    for run in reactions where try !run.inputs.contains(where: { try isThere($0.rawValue) }) {
      try forgetRuns("id = ?1", [run.id])
    }
  }

  private func isThere(_ position: Int64) throws -> Bool {
    let statement = try database.cachedStatement(sql: "SELECT 1 FROM event WHERE position = ?")
    return try Int64.fetchOne(statement, arguments: [position]) != nil
  }
}
