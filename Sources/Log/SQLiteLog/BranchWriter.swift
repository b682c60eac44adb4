// SPDX-License-Identifier: Apache-2.0

import DurableLog
import GRDB

/// The statements about branches and the runs that wait for them; belongs to the writer thread.
final class BranchWriter {
  private let set: PreparedStatement
  private let open: PreparedStatement
  private let any: PreparedStatement
  /// Whether a run may wait for branches; without, no change of a run costs anything here.
  private(set) var mayBeAwaited = true

  init(_ database: Database) throws {
    set = try PreparedStatement(database, "UPDATE run SET open = ?2, needed = ?3 WHERE id = ?1")
    let ended = RunState.allCases.filter { !$0.isUnderWay }.map { "\($0.rawValue)" }.joined(separator: ", ")
    open = try PreparedStatement(
      database,
      "SELECT id FROM run WHERE parent = ?1 AND state NOT IN (\(ended)) ORDER BY id DESC"
    )
    any = try PreparedStatement(database, "SELECT EXISTS (SELECT 1 FROM run WHERE open IS NOT NULL)")
    try forget()
  }

  /// Says what a run waits for.
  func set(_ join: BranchJoin, of run: RunID) throws {
    set.bind(1, run.rawValue)
    set.bind(2, Int64(join.open))
    if let needed = join.needed { set.bind(3, Int64(needed)) } else { set.bindNull(3) }
    try set.run()
    mayBeAwaited = true
  }

  /// The branches of a run that have not ended, the last one first.
  func open(of run: RunID) throws -> [RunID] {
    open.bind(1, run.rawValue)
    var found: [RunID] = []
    while try open.step() { found.append(RunID(rawValue: open.integer(0))) }
    return found
  }

  /// Learns anew whether any run waits, since one does not any more.
  func forget() throws { mayBeAwaited = try any.integer() == 1 }

  /// The same after a rollback, which may have brought one back.
  func suspect() { mayBeAwaited = true }
}
