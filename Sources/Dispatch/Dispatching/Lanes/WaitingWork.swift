// SPDX-License-Identifier: Apache-2.0

import DurableLog

/// What is needed to go on with runs that wait, so that it need not be read from the log when their turn comes.
///
/// Keeps as much as a bound on memory allows; of the rest nothing is known here. A pure value.
struct WaitingWork: Sendable {
  /// How many bytes of events are kept at most.
  static let byteLimit = 16 << 20

  private var work: [RunID: RunWork] = [:]
  private(set) var bytes = 0

  /// Keeps a pending run, if there is room.
  mutating func keep(_ new: RunWork) {
    guard bytes + new.size <= Self.byteLimit else { return }
    if let old = work.updateValue(new, forKey: new.run.id) { bytes -= old.size }
    bytes += new.size
  }

  /// Takes a run out.
  mutating func take(_ run: RunID) -> RunWork? {
    guard let taken = work.removeValue(forKey: run) else { return nil }
    bytes -= taken.size
    return taken
  }
}

extension RunWork {
  fileprivate var size: Int { event.count + (run.outputs?.count ?? 0) + 256 }
}
