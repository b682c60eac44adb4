// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// Lets the first of equal events pass and drops the others for some time.
///
/// The time counts from the event that passed; one that is dropped does not prolong it.
public struct Dedupe: TimeOperator {
  /// For how long an event that is equal is dropped.
  public let within: Duration

  /// Makes a deduplication.
  public init(within: Duration) { self.within = within }

  /// Lets the first event pass and remembers it.
  public func hear(_ event: Sighting, fits: [Int], _ window: inout [Sighting]) -> Fate {
    guard window.isEmpty else { return .dropped }
    window = [event]
    return .fires(Firing(lastOf: window))
  }

  /// Forgets the event that passed.
  public func close(at now: Timestamp, _ window: inout [Sighting]) -> Firing? {
    window = []
    return nil
  }

  /// Yes: a window remembers what passed.
  public var keepsFired: Bool { true }

  /// When the next one may pass.
  public func deadline(of window: [Sighting]) -> Timestamp? { window.first.map { $0.time + within } }
}
