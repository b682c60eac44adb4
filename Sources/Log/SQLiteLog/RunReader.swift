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
  private let enter: PreparedStatement
  private let leave: PreparedStatement
  private let setState: PreparedStatement
  private var row: RunRow

  init(_ database: Database) throws {
    func query(_ clause: String) throws -> PreparedStatement {
      try PreparedStatement(database, "SELECT \(RunRow.columns) FROM \(clause)")
    }
    func named(_ clause: String) throws -> PreparedStatement {
      // The names lead: there are few runs of a name, and many runs.
      try query("succession CROSS JOIN run ON run.id = succession.run WHERE name = ?1 AND \(clause)")
    }
    let (queuedState, behindState) = (RunState.queued.rawValue, RunState.behind.rawValue)
    byID = try query("run WHERE id = ?1")
    byGate = try named("true ORDER BY succession.run LIMIT ?2")
    held = try named("state != \(queuedState) AND id != ?2 LIMIT 1")
    taken = try named("state NOT IN (\(queuedState), \(behindState)) AND id != ?2 LIMIT 1")
    queued = try named("state = \(queuedState) ORDER BY succession.run LIMIT 1")
    behind = try named("state = \(behindState) ORDER BY succession.run LIMIT 1")
    enter = try PreparedStatement(database, "INSERT OR IGNORE INTO succession (name, run) VALUES (?2, ?1)")
    leave = try PreparedStatement(database, "DELETE FROM succession WHERE name = ?2 AND run = ?1")
    setState = try PreparedStatement(database, "UPDATE run SET state = ?2 WHERE id = ?1")
    row = try RunRow(database)
  }

  /// Whether there is a run that others wait for, or may.
  static func hasSuccession(_ database: Database) throws -> Bool {
    try Bool.fetchOne(
      database,
      sql: """
        SELECT EXISTS (SELECT 1 FROM succession) OR EXISTS (
          SELECT 1 FROM run
          WHERE \(SQLiteSchema.clause(RunState.revivable)) AND (gate IS NOT NULL OR turn IS NOT NULL))
        """
    ) ?? false
  }

  /// Notes at which gate and turn a run is, as it has become; `before` is how it was, or nil for a new run.
  func track(_ before: Run?, _ after: Run) throws {
    try track(before.flatMap(Self.gate), Self.gate(after), after.id)
    try track(before.flatMap(Self.turn), Self.turn(after), after.id)
  }

  private func track(_ old: [UInt8]?, _ new: [UInt8]?, _ run: RunID) throws {
    guard old != new else { return }
    for (statement, name) in [(leave, old), (enter, new)] {
      guard let name else { continue }
      statement.bind(1, run.rawValue)
      try statement.run([(2, name)])
    }
  }

  private static func gate(_ run: Run) -> [UInt8]? { run.state.isOpen ? run.gate.map(gate(named:)) : nil }

  private static func turn(_ run: Run) -> [UInt8]? { run.state.isOpen ? run.turn.map(turn(named:)) : nil }

  private static func gate(named name: [UInt8]) -> [UInt8] { [UInt8(ascii: "g")] + name }

  private static func turn(named name: [UInt8]) -> [UInt8] { [UInt8(ascii: "t")] + name }

  /// A run by its number.
  func run(_ id: RunID) throws -> Run? {
    byID.bind(1, id.rawValue)
    return try first(of: byID)
  }

  /// The open runs of a gate in the order of their numbers.
  func open(gate: [UInt8], limit: Int) throws -> [Run] {
    byGate.bind(2, Int64(limit))
    return try Self.gate(named: gate).withUnsafeBytes { gate in
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
    return try first(of: held, Self.gate(named: gate)) != nil
  }

  func isTaken(turn: [UInt8], besides run: RunID) throws -> Bool {
    taken.bind(2, run.rawValue)
    return try first(of: taken, Self.turn(named: turn)) != nil
  }

  func firstQueued(gate: [UInt8]) throws -> Run? { try first(of: queued, Self.gate(named: gate)) }

  func firstBehind(turn: [UInt8]) throws -> Run? { try first(of: behind, Self.turn(named: turn)) }

  func set(_ state: RunState, of run: RunID) throws {
    setState.bind(1, run.rawValue)
    setState.bind(2, Int64(state.rawValue))
    try setState.run()
  }
}
