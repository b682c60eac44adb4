// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// Reacts when events of some kinds have come one after another within some time; others may come between.
///
/// For each length, the window holds the attempt of that length which began last, since that one has the most time left:
/// so if the events of a key hold a sequence that ends with an event, it is found with that event. An event goes on with
/// every attempt whose next kind it is, and begins one if it is of the first kind. The attempt that is complete fires, and
/// all others of the key are given up with it.
public struct OrderedSequence: TimeOperator {
  /// How many kinds there are.
  public let count: Int
  /// The span within which the events must come.
  public let within: Duration

  /// Makes a sequence; `count` is at least 2.
  public init(count: Int, within: Duration) {
    self.count = count
    self.within = within
  }

  /// Goes on with attempts; a sighting's place is the length of its attempt.
  public func hear(_ event: Sighting, fits: [Int], _ window: inout [Sighting]) -> Fate {
    _ = close(at: event.time, &window)
    // From the longest attempt on, so that the event takes one place in each.
    for length in fits.reversed() {
      var attempt = window.filter { $0.place == length }
      guard length == 0 || !attempt.isEmpty else { continue }
      attempt.append(event)
      if attempt.count == count {
        window = []
        return .fires(Firing(lastOf: attempt))
      }
      window.removeAll { $0.place == length }
      let rival = window.first { $0.place == length + 1 }
      if let rival, rival.time > attempt[0].time { continue }
      window.removeAll { $0.place == length + 1 }
      window += attempt.map { $0.moved(to: length + 1) }
    }
    return .held
  }

  /// Gives up the attempts that began too long ago.
  public func close(at now: Timestamp, _ window: inout [Sighting]) -> Firing? {
    let late = Set(starts(window).filter { $0.time + within <= now }.map(\.place))
    window.removeAll { late.contains($0.place) }
    return nil
  }

  /// When the attempt that began last is given up; those before it are given up with the next event.
  public func deadline(of window: [Sighting]) -> Timestamp? {
    starts(window).map { $0.time + within }.max()
  }

  /// The first event of each attempt.
  private func starts(_ window: [Sighting]) -> [Sighting] {
    var known: Set<Int> = []
    return window.filter { known.insert($0.place).inserted }
  }
}
