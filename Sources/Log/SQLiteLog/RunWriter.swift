// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import GRDB

/// The statements that make and change runs; each checks the state in which it finds the run.
///
/// They say in SQL what `Run.applying` says in Swift; the conformance suite holds the two together.
struct RunWriter {
  private let insert: PreparedStatement
  private let attempt: PreparedStatement
  private let advance: PreparedStatement
  private let finish: PreparedStatement
  private let retry: PreparedStatement
  private let wake: PreparedStatement
  private let die: PreparedStatement
  private let revive: PreparedStatement
  private let drop: PreparedStatement

  init(_ database: Database) throws {
    func update(_ assignments: String, from states: RunState...) throws -> PreparedStatement {
      let allowed = states.map { String($0.rawValue) }.joined(separator: ", ")
      return try PreparedStatement(
        database,
        "UPDATE run SET updated = ?2, \(assignments) WHERE id = ?1 AND state IN (\(allowed))"
      )
    }
    func state(_ state: RunState) -> String { "state = \(state.rawValue)" }
    insert = try PreparedStatement(
      database,
      """
      INSERT INTO run (id, position, rule, revision, listener, state, step, attempts, updated)
      VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?)
      """
    )
    attempt = try update("\(state(.running)), attempts = attempts + 1", from: .pending)
    advance = try update(
      "\(state(.pending)), step = step + 1, attempts = 0, failure = NULL, outputs = ?3, listener = ?4",
      from: .running
    )
    finish = try update("\(state(.done)), failure = NULL, outputs = ?3", from: .running)
    retry = try update("\(state(.waiting)), failure = CAST(?3 AS TEXT), due = ?4", from: .running)
    wake = try update("\(state(.pending)), due = NULL", from: .waiting)
    die = try update("\(state(.dead)), failure = CAST(?3 AS TEXT)", from: .running)
    revive = try update("\(state(.pending)), attempts = 0", from: .dead)
    drop = try update(state(.dropped), from: .dead)
  }

  func insert(_ run: Run, rule: Int64, revision: Int64, listener: Int64) throws {
    insert.bind(1, run.id.rawValue)
    insert.bind(2, run.position.rawValue)
    insert.bind(3, rule)
    insert.bind(4, revision)
    insert.bind(5, listener)
    insert.bind(6, Int64(run.state.rawValue))
    insert.bind(7, Int64(run.attempts))
    insert.bind(8, run.updated.microseconds)
    try insert.run()
  }

  /// Applies a change; `names` gives the id of a listener's name.
  func apply(_ change: RunChange, at now: Int64, names: (String) throws -> Int64) throws -> Bool {
    switch change {
    case .attempt(let run): try apply(attempt, run, now)
    case .advance(let run, let outputs, let listener):
      try apply(advance, run, now, bytes: outputs, fourth: try names(listener))
    case .finish(let run, let outputs): try apply(finish, run, now, bytes: outputs)
    case .retry(let run, let due, let failure):
      try apply(retry, run, now, bytes: Array(failure.utf8), fourth: due.microseconds)
    case .wake(let run): try apply(wake, run, now)
    case .die(let run, let failure): try apply(die, run, now, bytes: Array(failure.utf8))
    case .revive(let run): try apply(revive, run, now)
    case .drop(let run): try apply(drop, run, now)
    }
  }

  private func apply(
    _ statement: PreparedStatement,
    _ run: RunID,
    _ now: Int64
  ) throws -> Bool {
    statement.bind(1, run.rawValue)
    statement.bind(2, now)
    try statement.run()
    return statement.changes == 1
  }

  private func apply(
    _ statement: PreparedStatement,
    _ run: RunID,
    _ now: Int64,
    bytes: [UInt8]?,
    fourth: Int64? = nil
  ) throws -> Bool {
    if let fourth { statement.bind(4, fourth) }
    guard let bytes else {
      statement.bindNull(3)
      return try apply(statement, run, now)
    }
    return try bytes.withUnsafeBytes { bytes in
      statement.bind(3, bytes)
      return try apply(statement, run, now)
    }
  }
}
