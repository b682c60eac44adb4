// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// Gathers events and reacts to them together.
public struct Collect: TimeOperator {
  /// How many `most` may be.
  public static let greatestCount = 1000

  /// How many events make it fire.
  public let most: Int
  /// How long after the first event it fires, however many came.
  public let within: Duration

  /// Makes a collection; `most` is at least 1.
  public init(most: Int, within: Duration) {
    self.most = most
    self.within = within
  }

  /// Keeps the event; the last one that fits makes it fire.
  public func hear(_ event: Sighting, fits: [Int], _ window: inout [Sighting]) -> Fate {
    window.append(event)
    guard window.count >= most else { return .held }
    defer { window = [] }
    return .fires(Firing(lastOf: window))
  }

  /// Fires.
  public func close(at now: Timestamp, _ window: inout [Sighting]) -> Firing? {
    defer { window = [] }
    return Firing(lastOf: window)
  }

  /// Yes.
  public var firesByTime: Bool { true }

  /// When its span is over.
  public func deadline(of window: [Sighting]) -> Timestamp? { window.first.map { $0.time + within } }
}
