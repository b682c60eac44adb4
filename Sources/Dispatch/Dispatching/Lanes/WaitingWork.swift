// SPDX-License-Identifier: Apache-2.0

import DurableLog

/// What is needed to go on with runs that wait, so that it need not be read from the log when their turn comes.
///
/// Keeps as much as a bound on memory allows; of the rest nothing is known here. Runs are numbered one after another, so
/// each has a place by the last bits of its number, and two that would share one are told apart by a larger table as
/// long as that is allowed. A pure value.
struct WaitingWork: Sendable {
  /// How many bytes of events are kept at most.
  static let byteLimit = 16 << 20
  /// How many places there are at most; a power of two.
  static let placeLimit = 32_768

  private var places = [RunWork?](repeating: nil, count: 256)
  private(set) var bytes = 0

  private func place(of run: RunID) -> Int { Int(run.rawValue) & (places.count - 1) }

  /// Keeps a pending run, if there is room.
  mutating func keep(_ new: RunWork) {
    guard bytes + new.size <= Self.byteLimit, makeRoom(for: new.run.id) else { return }
    _ = take(new.run.id)
    bytes += new.size
    places[place(of: new.run.id)] = new
  }

  /// Takes a run out.
  mutating func take(_ run: RunID) -> RunWork? {
    let place = place(of: run)
    guard places[place]?.run.id == run, let taken = places[place] else { return nil }
    places[place] = nil
    bytes -= taken.size
    return taken
  }

  /// Makes the table larger until a run has a place of its own; false when it may not be that large.
  private mutating func makeRoom(for run: RunID) -> Bool {
    while let other = places[place(of: run)], other.run.id != run {
      guard places.count < Self.placeLimit else { return false }
      let old = places
      places = [RunWork?](repeating: nil, count: 2 * old.count)
      for work in old { if let work { places[place(of: work.run.id)] = work } }
    }
    return true
  }
}

extension RunWork {
  fileprivate var size: Int { event.count + (run.outputs?.count ?? 0) + 256 }
}
