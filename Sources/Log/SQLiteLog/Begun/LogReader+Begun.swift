// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import GRDB

/// Runs that have begun and have no row of their own.
extension LogReader {
  /// These runs, ascending.
  static func begun(_ database: Database) throws -> [Run] {
    let found = try BegunRuns.batches(database)
    guard !found.isEmpty else { return [] }
    var names = try RunRow(database)
    return try found.flatMap(\.runs).map { run in
      Run(
        id: RunID(rawValue: run.id),
        position: LogPosition(rawValue: run.position),
        rule: try names.name(run.rule),
        revision: try names.name(run.revision),
        listener: try names.name(run.listener),
        state: .running,
        updated: Timestamp(microseconds: run.updated)
      )
    }
  }
}
