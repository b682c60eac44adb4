// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import GRDB

/// Reads runs together with their events, a row at a time, without a `Row` or `Data` in between.
///
/// Belongs to the thread of its connection and to one read.
struct WorkReader {
  private let rows: PreparedStatement
  private let nameOf: PreparedStatement
  /// Names that this read has met.
  private var names: [Int64: String] = [:]

  /// Prepares a query; `clause` says which runs are meant, with `?1` and `?2` for what is asked.
  init(_ database: Database, where clause: String) throws {
    rows = try PreparedStatement(
      database,
      """
      SELECT event.recorded, event.body, run.id, run.position, run.state, run.step, run.attempts, run.due,
        run.failure, run.outputs, run.updated, run.rule, run.revision, run.listener
      FROM run JOIN event ON event.position = run.position WHERE \(clause)
      """
    )
    nameOf = try PreparedStatement(database, "SELECT text FROM name WHERE id = ?")
  }

  /// Asks anew.
  func ask(_ first: Int64, _ second: Int64? = nil) {
    rows.reset()
    rows.bind(1, first)
    if let second { rows.bind(2, second) }
  }

  /// The next run, or nil after the last one.
  mutating func next() throws -> RunWork? {
    guard try rows.step() else { return nil }
    let run = try run()
    var event: [UInt8] = []
    let body = rows.bytes(1)
    event.reserveCapacity(body.count + EventStamp.greatestLength)
    EventStamp.append(
      body.bindMemory(to: UInt8.self).span,
      position: run.position,
      recorded: Timestamp(microseconds: rows.integer(0)),
      to: &event
    )
    return RunWork(run: run, event: event)
  }

  private mutating func run() throws -> Run {
    guard let state = UInt8(exactly: rows.integer(4)).flatMap(RunState.init) else {
      throw LogFailure(.corrupt, "a run has an unknown state")
    }
    var run = Run(
      id: RunID(rawValue: rows.integer(2)),
      position: LogPosition(rawValue: rows.integer(3)),
      rule: try name(rows.integer(11)),
      revision: try name(rows.integer(12)),
      listener: try name(rows.integer(13)),
      state: state,
      updated: Timestamp(microseconds: rows.integer(10))
    )
    run.step = Int(rows.integer(5))
    run.attempts = Int(rows.integer(6))
    if !rows.isNull(7) { run.due = Timestamp(microseconds: rows.integer(7)) }
    if !rows.isNull(8) { run.failure = String(decoding: rows.bytes(8), as: UTF8.self) }
    if !rows.isNull(9) { run.outputs = [UInt8](rows.bytes(9)) }
    return run
  }

  private mutating func name(_ id: Int64) throws -> String {
    if let known = names[id] { return known }
    nameOf.bind(1, id)
    guard try nameOf.step() else { throw LogFailure(.corrupt, "a stored name is missing") }
    let name = String(decoding: nameOf.bytes(0), as: UTF8.self)
    nameOf.reset()
    names[id] = name
    return name
  }
}
