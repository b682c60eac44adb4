// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import GRDB

/// Reads single runs inside a transaction, and those that wait for each other.
///
/// Belongs to the writer thread.
final class RunReader {
  private let byID: PreparedStatement
  private let byGate: PreparedStatement
  private let held: PreparedStatement
  private let taken: PreparedStatement
  private let queued: PreparedStatement
  private let behind: PreparedStatement
  private let setState: PreparedStatement
  private var row: RunRow

  init(_ database: Database) throws {
    func query(_ clause: String) throws -> PreparedStatement {
      try PreparedStatement(database, "SELECT \(RunRow.columns) FROM run WHERE \(clause)")
    }
    let open = SQLiteSchema.open
    func besides(_ states: [RunState]) -> String {
      "NOT state IN (\(states.map { String($0.rawValue) }.joined(separator: ", "))) AND id != ?2 LIMIT 1"
    }
    byID = try query("id = ?1")
    byGate = try query("gate = ?1 AND \(open) ORDER BY id LIMIT ?2")
    held = try query("gate = ?1 AND \(open) AND \(besides([.queued]))")
    taken = try query("turn = ?1 AND \(open) AND \(besides([.queued, .behind]))")
    queued = try query("gate = ?1 AND \(open) AND state = \(RunState.queued.rawValue) ORDER BY id LIMIT 1")
    behind = try query("turn = ?1 AND \(open) AND state = \(RunState.behind.rawValue) ORDER BY id LIMIT 1")
    setState = try PreparedStatement(database, "UPDATE run SET state = ?2 WHERE id = ?1")
    row = try RunRow(database)
  }

  /// Whether there is an open run that others wait for, or may.
  static func hasSuccession(_ database: Database) throws -> Bool {
    try Bool.fetchOne(
      database,
      sql: """
        SELECT EXISTS (SELECT 1 FROM run WHERE gate IS NOT NULL AND \(SQLiteSchema.open))
          OR EXISTS (SELECT 1 FROM run WHERE turn IS NOT NULL AND \(SQLiteSchema.open))
          OR EXISTS (SELECT 1 FROM run WHERE state = \(RunState.dead.rawValue) AND (gate IS NOT NULL OR turn IS NOT NULL))
        """
    ) ?? false
  }

  /// A run by its number.
  func run(_ id: RunID) throws -> Run? {
    byID.bind(1, id.rawValue)
    return try first(of: byID)
  }

  /// The open runs of a gate in the order of their numbers.
  func open(gate: [UInt8], limit: Int) throws -> [Run] {
    byGate.bind(2, Int64(limit))
    return try gate.withUnsafeBytes { gate in
      byGate.bind(1, gate)
      var found: [Run] = []
      while try byGate.step() { found.append(try row.run(byGate)) }
      return found
    }
  }

  /// Forgets what may be no more after a rollback.
  func forget() { row.forget() }

  private func first(of statement: PreparedStatement) throws -> Run? {
    guard try statement.step() else { return nil }
    defer { statement.reset() }
    return try row.run(statement)
  }

  private func first(of statement: PreparedStatement, _ name: [UInt8]) throws -> Run? {
    try name.withUnsafeBytes { name in
      statement.bind(1, name)
      return try first(of: statement)
    }
  }
}

extension RunReader: Succession {
  func isHeld(gate: [UInt8], besides run: RunID) throws -> Bool {
    held.bind(2, run.rawValue)
    return try first(of: held, gate) != nil
  }

  func isTaken(turn: [UInt8], besides run: RunID) throws -> Bool {
    taken.bind(2, run.rawValue)
    return try first(of: taken, turn) != nil
  }

  func firstQueued(gate: [UInt8]) throws -> Run? { try first(of: queued, gate) }

  func firstBehind(turn: [UInt8]) throws -> Run? { try first(of: behind, turn) }

  func set(_ state: RunState, of run: RunID) throws {
    setState.bind(1, run.rawValue)
    setState.bind(2, Int64(state.rawValue))
    try setState.run()
  }
}
