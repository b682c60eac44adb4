// SPDX-License-Identifier: Apache-2.0

public import DurableLog
public import EventModel

/// Reads a log that no host needs to have open, page by page.
public struct LogExport: Sendable {
  private let reader: LogReader

  /// Opens the log at `path` for reading.
  public init(path: String) throws(LogFailure) {
    reader = try LogReader(path: path)
  }

  /// Calls `body` with each page of events from a position on, in order, until the newest one or until it
  /// returns false.
  public func forEachPage(
    from position: LogPosition = .start,
    size: Int = 1024,
    _ body: (EventPage) throws -> Bool
  ) throws {
    var next = position
    while true {
      let page = try reader.events(from: next, limit: size)
      guard let last = page.entries.last else { return }
      guard try body(page) else { return }
      next = last.position.next
    }
  }
}
