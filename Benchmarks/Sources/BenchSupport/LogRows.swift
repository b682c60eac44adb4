// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The rows that a host has written.
public struct LogRows {
  let database: Database

  /// Opens a log for reading.
  public init(_ path: String) throws { database = try Database(path) }

  /// Returns once so many runs are done and none is open; calls `look` again and again meanwhile.
  public func waitUntilDone(_ count: Int, _ look: () -> Void = {}) {
    while true {
      look()
      let open = database.rows(
        "SELECT EXISTS (SELECT 1 FROM run WHERE state = 0) OR EXISTS (SELECT 1 FROM run WHERE state IN (1, 8))"
          + " OR EXISTS (SELECT 1 FROM fresh)"
      )
      let last = database.rows("SELECT coalesce(max(id), 0) FROM run")
      if case .integer(0)? = open.first?.first, case .integer(let id)? = last.first?.first, id >= count {
        return
      }
      usleep(5000)
    }
  }

  /// Which event is which of which stream, in the order of the events.
  public func streams() -> [[Cell]] { database.rows("SELECT * FROM stream ORDER BY position") }

  /// All events and all runs.
  public func read() throws -> (events: [[Cell]], runs: [[Cell]]) {
    (database.rows("SELECT * FROM event ORDER BY position"), database.rows("SELECT * FROM run ORDER BY id"))
  }
}
