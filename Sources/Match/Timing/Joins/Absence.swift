// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// Reacts when an event is not followed by another one in time.
///
/// The event that begins the wait stands for the reaction. While it waits, a further one like it changes nothing. An
/// event that is both what is expected and what begins a wait ends one and begins the next.
public struct Absence: TimeOperator {
  /// The place of the event that begins the wait.
  public static let after = 0
  /// The place of the event that ends it.
  public static let expected = 1

  /// How long the expected event may take.
  public let within: Duration

  /// Makes an absence.
  public init(within: Duration) { self.within = within }

  /// Begins or ends the wait.
  public func hear(_ event: Sighting, fits: [Int], _ window: inout [Sighting]) -> Fate {
    if fits.contains(Self.expected) { window = [] }
    if fits.contains(Self.after), window.isEmpty { window = [event] }
    return .held
  }

  /// Fires, since what was expected has not come.
  public func close(at now: Timestamp, _ window: inout [Sighting]) -> Firing? {
    defer { window = [] }
    return Firing(lastOf: window)
  }

  /// Yes.
  public var firesByTime: Bool { true }

  /// When the expected event will be late.
  public func deadline(of window: [Sighting]) -> Timestamp? { window.first.map { $0.time + within } }
}
