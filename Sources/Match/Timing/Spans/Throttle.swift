// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// Lets so many events pass in any span of some length.
public struct Throttle: TimeOperator {
  /// What becomes of an event too many.
  public enum Excess: String, Sendable, CaseIterable {
    /// Nothing will come of it.
    case drop
    /// It passes as soon as it may, in order.
    case delay
  }

  /// How many may pass in a span.
  public let limit: Int
  /// The span's length.
  public let per: Duration
  /// What becomes of an event too many.
  public let excess: Excess

  /// Makes a throttle; `limit` is at least 1.
  public init(limit: Int, per: Duration, excess: Excess = .drop) {
    self.limit = limit
    self.per = per
    self.excess = excess
  }

  /// Keeps the times at which the last `limit` events pass, which may still be to come.
  public func hear(_ event: Sighting, fits: [Int], _ window: inout [Sighting]) -> Fate {
    window.removeAll { $0.time + per <= event.time }
    guard window.count >= limit else {
      window.append(event)
      return .fires(Firing(lastOf: [event]))
    }
    guard excess == .delay else { return .dropped }
    let turn = window[window.count - limit].time + per
    window.append(Sighting(event.position, at: turn))
    window.removeFirst(window.count - limit)
    return .delayed(until: turn)
  }

  /// Forgets what passed long ago.
  public func close(at now: Timestamp, _ window: inout [Sighting]) -> Firing? {
    window.removeAll { $0.time + per <= now }
    return nil
  }

  /// Yes: a window remembers what passed.
  public var keepsFired: Bool { true }

  /// When all that passed will be forgotten.
  public func deadline(of window: [Sighting]) -> Timestamp? { window.last.map { $0.time + per } }
}

/// A reaction that waits for its turn.
public struct Delay: TimeOperator {
  /// Makes a delay.
  public init() {}

  /// The window of a reaction whose turn comes at `turn`.
  public static func window(_ firing: Firing, until turn: Timestamp) -> [Sighting] {
    firing.events.map { Sighting($0, at: turn, place: $0 == firing.event ? 1 : 0) }
  }

  /// Nothing more comes into it.
  public func hear(_ event: Sighting, fits: [Int], _ window: inout [Sighting]) -> Fate { .held }

  /// Fires.
  public func close(at now: Timestamp, _ window: inout [Sighting]) -> Firing? {
    defer { window = [] }
    let event = window.first { $0.place == 1 } ?? window[window.count - 1]
    return Firing(event.position, of: window.map(\.position))
  }

  /// Yes.
  public var firesByTime: Bool { true }

  /// When its turn comes.
  public func deadline(of window: [Sighting]) -> Timestamp? { window.first?.time }
}
