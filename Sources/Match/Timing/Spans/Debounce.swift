// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// Waits until events have been quiet for some time, and reacts once.
public struct Debounce: TimeOperator {
  /// Which of the events is reacted to.
  public enum Delivery: String, Sendable, CaseIterable {
    /// The newest.
    case last
    /// The one that came first.
    case first
    /// All of them, in one reaction that the newest stands for.
    case all
  }

  /// How many events a window holds at most with `all`; the one that makes it full is the last.
  public static let mostEvents = 1000

  /// How long nothing may come.
  public let quiet: Duration
  /// After how long it fires although events keep coming; nil for never.
  public let longest: Duration?
  /// Which of the events is reacted to.
  public let delivery: Delivery

  /// Makes a debounce.
  public init(quiet: Duration, longest: Duration? = nil, delivery: Delivery = .last) {
    self.quiet = quiet
    self.longest = longest
    self.delivery = delivery
  }

  /// Keeps all events, or the first and the last.
  ///
  /// The first one's time is needed for `longest`, the last one's for `quiet`.
  public func hear(_ event: Sighting, fits: [Int], _ window: inout [Sighting]) -> Fate {
    if delivery != .all, window.count == 2 { window.removeLast() }
    window.append(event)
    guard delivery == .all, window.count == Self.mostEvents else { return .held }
    return .fires(take(&window))
  }

  /// Fires.
  public func close(at now: Timestamp, _ window: inout [Sighting]) -> Firing? { take(&window) }

  /// Yes.
  public var firesByTime: Bool { true }

  /// When it has been quiet for long enough, or has been held up for too long.
  public func deadline(of window: [Sighting]) -> Timestamp? {
    guard let first = window.first, let last = window.last else { return nil }
    guard let longest else { return last.time + quiet }
    return min(last.time + quiet, first.time + longest)
  }

  private func take(_ window: inout [Sighting]) -> Firing {
    defer { window = [] }
    switch delivery {
    case .all: return Firing(lastOf: window)
    case .first: return Firing(lastOf: [window[0]])
    case .last: return Firing(lastOf: [window[window.count - 1]])
    }
  }
}
