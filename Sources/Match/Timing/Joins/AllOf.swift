// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// Reacts when events of all kinds have come within some time, in any order.
///
/// Each kind is a place, and an event takes one: of those that it fits, the first that is free, or else the one whose
/// event is the oldest. So each place holds its newest event, and the last event that was missing makes it fire.
public struct AllOf: TimeOperator {
  /// How many places there are.
  public let count: Int
  /// The span within which the events must come.
  public let within: Duration

  /// Makes a join; `count` is at least 2.
  public init(count: Int, within: Duration) {
    self.count = count
    self.within = within
  }

  /// Puts the event into a place; the window is kept in the order of the events.
  public func hear(_ event: Sighting, fits: [Int], _ window: inout [Sighting]) -> Fate {
    _ = close(at: event.time, &window)
    let taken = Set(window.map(\.place))
    let place = fits.first { !taken.contains($0) } ?? window.first { fits.contains($0.place) }?.place
    guard let place else { return .held }
    window.removeAll { $0.place == place }
    window.append(event.moved(to: place))
    guard window.count == count else { return .held }
    defer { window = [] }
    return .fires(Firing(lastOf: window))
  }

  /// Forgets what has become too old.
  public func close(at now: Timestamp, _ window: inout [Sighting]) -> Firing? {
    window.removeAll { $0.time + within <= now }
    return nil
  }

  /// When the last event becomes too old; those before it are forgotten with the next event.
  public func deadline(of window: [Sighting]) -> Timestamp? { window.last.map { $0.time + within } }
}
