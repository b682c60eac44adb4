// SPDX-License-Identifier: Apache-2.0

import EventModel
import Rules

/// What people are told of a table.
extension ViewTrack {
  /// That the view has stopped.
  var stopText: String {
    "the view '\(view.id)' stops before the event at position \(record.lastErrorPosition ?? 0): "
      + (record.lastError ?? "")
  }

  /// That a table that was built anew answers now.
  var builtText: String {
    "the view '\(view.id)' is built: \(record.rows) row\(record.rows == 1 ? "" : "s") of the events up to position \(record.position)"
      + forgottenText
  }

  /// What is missing, if anything is.
  var forgottenText: String {
    guard record.forgotten > 0 else { return "" }
    let since = Timestamp(microseconds: record.completeSince).rfc3339
    return "; \(record.forgotten) events are missing, since the log goes back only to position "
      + "\(record.completeFrom) of \(since)"
  }
}
