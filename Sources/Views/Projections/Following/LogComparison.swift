// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel

/// Tells whether a table was made from the log that is there.
struct LogComparison {
  private let log: any LogReading

  init(_ log: any LogReading) { self.log = log }

  /// Why a table cannot be of the log; nil when it is, as far as can be told.
  func difference(_ record: ViewRecord, end: LogPosition) throws -> String? {
    guard record.position <= end else {
      return "it is ahead of the log, which may have been restored from a copy"
    }
    guard record.position > .start,
      let entry = try log.events(from: record.position, limit: 1).entries.first,
      entry.position == record.position
    else { return nil }
    return entry.recorded.microseconds == record.recorded ? nil : "it was made from another log"
  }
}
