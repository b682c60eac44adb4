// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import GRDB

/// Reads runs together with their events, a row at a time, without a `Row` or `Data` in between.
///
/// Belongs to the thread of its connection and to one read.
struct WorkReader {
  private let rows: PreparedStatement
  private var row: RunRow

  /// Prepares a query; `clause` says which runs are meant, with `?1`, `?2` … for what is asked.
  init(_ database: Database, where clause: String) throws {
    rows = try PreparedStatement(
      database,
      """
      SELECT event.recorded, event.body, \(RunRow.columns)
      FROM run JOIN event ON event.position = run.position WHERE \(clause)
      """,
      isCached: true
    )
    row = try RunRow(database, isCached: true)
  }

  /// Asks anew.
  func ask(_ values: Int64...) {
    rows.reset()
    for (index, value) in values.enumerated() { rows.bind(Int32(index) + 1, value) }
  }

  /// The next run, or nil after the last one.
  mutating func next() throws -> RunWork? {
    guard try rows.step() else { return nil }
    let run = try row.run(rows, from: 2)
    var event: [UInt8] = []
    let body = rows.bytes(1)
    EventStamp.append(
      body.bindMemory(to: UInt8.self).span,
      position: run.position,
      recorded: Timestamp(microseconds: rows.integer(0)),
      to: &event
    )
    return RunWork(run: run, event: event)
  }
}
