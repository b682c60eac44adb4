// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// Reacts when so many events have come within some time.
///
/// These events are consumed: as many new ones are needed for the next reaction.
public struct Threshold: TimeOperator {
  /// How many `count` may be.
  public static let greatestCount = 1000

  /// How many events are needed.
  public let count: Int
  /// The span within which they must come.
  public let within: Duration

  /// Makes a threshold; `count` is at least 1.
  public init(count: Int, within: Duration) {
    self.count = count
    self.within = within
  }

  /// Counts the event.
  public func hear(_ event: Sighting, fits: [Int], _ window: inout [Sighting]) -> Fate {
    forget(before: event.time, &window)
    window.append(event)
    guard window.count >= count else { return .held }
    defer { window = [] }
    return .fires(Firing(lastOf: window))
  }

  /// Forgets what has become too old to count.
  public func close(at now: Timestamp, _ window: inout [Sighting]) -> Firing? {
    forget(before: now, &window)
    return nil
  }

  /// When the last event becomes too old; those before it are forgotten with the next event.
  public func deadline(of window: [Sighting]) -> Timestamp? { window.last.map { $0.time + within } }

  private func forget(before now: Timestamp, _ window: inout [Sighting]) {
    window.removeAll { $0.time + within <= now }
  }
}
