// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import Rules

/// What is known of one view.
public struct ViewStatus: Sendable {
  /// What a view does.
  public enum State: String, Sendable, CaseIterable {
    /// It follows the log.
    case following
    /// It is new and has not come to where the log ended when it was begun.
    case building
    /// It is built anew, and what was there before answers meanwhile.
    case rebuilding
    /// It has stopped at an event that cannot be folded.
    case stopped
  }

  /// The view.
  public let name: String
  /// Its columns beside the key, as its table has them.
  public let columns: [ViewColumn]
  /// What it does.
  public let state: State
  /// The revision of the definition that has made its rows.
  public let revision: String
  /// The event up to which its rows are made.
  public let position: LogPosition
  /// When the log took that event; nil before the first one.
  public let recorded: Timestamp?
  /// How many rows it has.
  public let rows: Int64
  /// How many events could not be folded.
  public let errors: Int64
  /// Why the last of them could not, and its position.
  public let lastError: (message: String, position: LogPosition)?
  /// How many events the log had forgotten before the view could fold them.
  public let forgotten: Int64
  /// The first event from which on none is missing, and when the log took it; nil when none is missing.
  public let complete: (from: LogPosition, since: Timestamp)?
  /// How far the table has come that is to take this one's place, and how far it has to.
  public let rebuild: (position: LogPosition, target: LogPosition)?

  init(_ record: ViewRecord, shadow: ViewRecord?) {
    name = record.view
    columns = record.columns
    revision = record.revision
    position = record.position
    recorded = record.recorded == 0 ? nil : Timestamp(microseconds: record.recorded)
    rows = record.rows
    // A table that cannot be built says why the one that answers is not replaced.
    let told = [shadow, record].compactMap { $0 }.first(where: \.isStopped) ?? record
    errors = told.errors
    lastError = told.lastError.map { ($0, LogPosition(rawValue: told.lastErrorPosition ?? 0)) }
    forgotten = record.forgotten
    complete =
      record.forgotten == 0
      ? nil : (LogPosition(rawValue: record.completeFrom), Timestamp(microseconds: record.completeSince))
    rebuild = shadow.map { ($0.position, $0.target) }
    state =
      if let shadow, !shadow.isStopped {
        .rebuilding
      } else if record.isStopped || shadow != nil {
        .stopped
      } else {
        record.position < record.target ? .building : .following
      }
  }

  /// The views of a database by their names.
  static func all(_ records: [ViewRecord]) -> [ViewStatus] {
    let shadows = Dictionary(records.filter(\.isShadow).map { ($0.view, $0) }) { first, _ in first }
    return records.filter { !$0.isShadow }.map { ViewStatus($0, shadow: shadows[$0.view]) }
  }
}
