// SPDX-License-Identifier: Apache-2.0

import DurableLog
import GRDB

/// The statements about runs that wait for events; belongs to the writer thread.
final class AwaitWriter {
  private let insert: PreparedStatement
  private let delete: PreparedStatement
  private let find: PreparedStatement
  /// Whether a run may wait; without, no change of a run costs anything here.
  private var hasAny: Bool

  init(_ database: Database) throws {
    insert = try PreparedStatement(
      database,
      "INSERT OR REPLACE INTO awaiting (run, site, key) VALUES (?1, ?2, ?3)"
    )
    delete = try PreparedStatement(database, "DELETE FROM awaiting WHERE run = ?1")
    find = try PreparedStatement(
      database,
      "SELECT run FROM awaiting WHERE site = ?1 AND key = ?2 ORDER BY run"
    )
    hasAny = try Bool.fetchOne(database, sql: "SELECT EXISTS (SELECT 1 FROM awaiting)") ?? false
  }

  /// Notes that a run waits.
  func add(_ run: RunID, site: Int64, key: [UInt8]) throws {
    insert.bind(1, run.rawValue)
    insert.bind(2, site)
    try insert.run([(3, key)])
    hasAny = true
  }

  /// Forgets that a run waits, if it may have done so until this change.
  func forget(after change: RunChange) throws {
    switch change {
    case .fulfil(let run, _), .wake(let run), .cancel(let run):
      guard hasAny else { return }
      delete.bind(1, run.rawValue)
      try delete.run()
    default: return
    }
  }

  /// The runs that wait at a site under a key, in the order of their numbers.
  func runs(site: Int64, key: [UInt8]) throws -> [RunID] {
    guard hasAny else { return [] }
    find.bind(1, site)
    return try key.withUnsafeBytes { key in
      find.bind(2, key)
      var found: [RunID] = []
      while try find.step() { found.append(RunID(rawValue: find.integer(0))) }
      return found
    }
  }

  /// Learns anew whether any run may wait, after a rollback.
  func suspect() { hasAny = true }
}
