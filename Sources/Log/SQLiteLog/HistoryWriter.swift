// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import GRDB

/// Writes what came to pass in runs; belongs to the writer thread.
struct HistoryWriter {
  private let insert: PreparedStatement

  init(_ database: Database) throws {
    insert = try PreparedStatement(
      database,
      """
      INSERT INTO history (run, number, kind, step, attempt, began, ended, input, result)
      SELECT ?1, coalesce((SELECT max(number) FROM history WHERE run = ?1), 0) + 1,
        ?2, CAST(?3 AS TEXT), ?4, ?5, ?6, ?7, ?8
      """
    )
  }

  /// Adds an entry to those of a run.
  func append(_ entry: HistoryEntry, of run: RunID) throws {
    insert.bind(1, run.rawValue)
    insert.bind(2, Int64(entry.kind.rawValue))
    insert.bind(4, Int64(entry.attempt))
    insert.bind(5, entry.began.microseconds)
    insert.bind(6, entry.ended.microseconds)
    try insert.run([(3, Array(entry.step.utf8)), (7, entry.input), (8, entry.result)])
  }
}
