// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Expressions
import Rules

/// One table on its way through the log.
///
/// Belongs to the thread that follows.
final class ViewTrack {
  /// After how many events that change nothing it is worth writing down how far a table has come.
  private static let idleEvents: Int64 = 5000

  let view: ViewDefinition
  private(set) var record: ViewRecord
  private let fold: ViewFold
  private var rows: TouchedRows
  /// The record as it is on disk.
  private var stored: ViewRecord

  init(_ connection: ViewConnection, _ view: ViewDefinition, _ record: ViewRecord) throws(ViewFailure) {
    self.view = view
    self.record = record
    stored = record
    fold = ViewFold(view: view)
    rows = TouchedRows(try ViewTable(connection, record.table, view.columns))
  }

  /// How many rows wait to be written.
  var touched: Int { rows.count }

  /// Whether there is something to write that must not wait.
  var isDirty: Bool {
    var idle = stored
    (idle.position, idle.recorded) = (record.position, record.recorded)
    return rows.count > 0 || idle != record || isJustBuilt
      || record.position.rawValue - stored.position.rawValue >= Self.idleEvents
  }

  /// Whether something is not on disk yet, if only how far the table has come.
  var isUnwritten: Bool { rows.count > 0 || record != stored }

  /// Whether the table has come to where the log ended when it was begun, and that is not on disk yet.
  var isJustBuilt: Bool { stored.position < record.target && record.position >= record.target }

  /// Notes that an event comes next, and whether others before it are gone.
  func pass(_ entry: EventPage.Entry) {
    let missing = entry.position.rawValue - record.position.rawValue - 1
    if missing > 0 {
      record.forgotten += missing
      record.completeFrom = entry.position.rawValue
      record.completeSince = entry.recorded.microseconds
    }
    record.position = entry.position
    record.recorded = entry.recorded.microseconds
  }

  /// Folds an event that matches entries.
  func fold(_ event: JSONContent, _ entries: some Sequence<Int>, _ entry: EventPage.Entry) throws {
    let failure = try fold.fold(event, entries: entries, into: &rows)
    if failure == nil || view.onError == .skip { pass(entry) }
    guard let failure else { return }
    record.isStopped = view.onError == .stop
    record.errors += 1
    record.lastError = failure.message
    record.lastErrorPosition = entry.position.rawValue
  }

  /// Writes rows and bookkeeping, in a transaction of the caller's.
  func write(_ records: ViewStatement) throws(ViewFailure) {
    record.rows += try rows.write()
    try record.write(records)
  }

  /// Tells those who follow the view of each row that was written.
  func tell(_ followers: ViewFollowers) {
    rows.forEachChange { key, row in followers.note(view, record.position, key, row) }
  }

  /// Notes that what was written is committed.
  func committed() {
    rows.removeAll()
    stored = record
  }
}
