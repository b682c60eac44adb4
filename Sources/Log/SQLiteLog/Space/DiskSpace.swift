// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import GRDB

/// What the log does when the disk is full.
///
/// It gives up its reserve, so that what is under way can still be recorded and old events be pruned, and takes no event
/// from outside any more. Whenever one comes it looks whether there is room for the reserve again, and then goes on as
/// before; so nothing polls, and nobody has to start the host anew. Belongs to the writer thread.
struct DiskSpace {
  private let reserve: any SpaceReserve
  private let report: @Sendable (_ isLow: Bool) -> Void
  private(set) var isLow = false

  init(_ reserve: any SpaceReserve, report: @escaping @Sendable (_ isLow: Bool) -> Void) {
    self.reserve = reserve
    self.report = report
    isLow = !reserve.take()
    if isLow { report(true) }
  }

  /// The disk was full; what was kept back is free now.
  mutating func noteFull(_ database: Database) {
    reserve.release()
    // What the write-ahead log holds already may go to its place; readers may keep it from that, which is no failure.
    try? database.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
    if !isLow { report(true) }
    isLow = true
  }

  /// Whether events from outside may be taken.
  mutating func mayTakeEvents() -> Bool {
    guard isLow else { return true }
    guard reserve.take() else { return false }
    isLow = false
    report(false)
    return true
  }
}

extension LogChange {
  /// Whether the change only brings something new: whoever sends it can wait, and nothing is undone without it.
  var canWait: Bool { runs.isEmpty && windows.isEmpty && (!events.isEmpty || imported != nil) }
}
