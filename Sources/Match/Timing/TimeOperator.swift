// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// Decides what a window does; a pure machine over the events that the window holds.
///
/// An empty window is the same as none.
public protocol TimeOperator: Sendable, Hashable {
  /// Takes an event in, or not, at a time at which the window is not over.
  ///
  /// `fits` are the places that the event may take: those of the elements that it matches, ascending, or 0 alone.
  func hear(_ event: Sighting, fits: [Int], _ window: inout [Sighting]) -> Fate

  /// What becomes of the window at its deadline: whether it fires, and what stays in it.
  ///
  /// Called at `now`, which may be later than the deadline. The next deadline must be later than `now`.
  func close(at now: Timestamp, _ window: inout [Sighting]) -> Firing?

  /// When the window has to be closed if it hears nothing further.
  func deadline(of window: [Sighting]) -> Timestamp?

  /// Whether the events of a window have been reacted to already, and are kept for what comes after them.
  var keepsFired: Bool { get }

  /// Whether a window fires when its deadline comes, rather than being forgotten.
  var firesByTime: Bool { get }
}

extension TimeOperator {
  /// No.
  public var keepsFired: Bool { false }
  /// No.
  public var firesByTime: Bool { false }
}

/// What becomes of an event that a window hears.
public enum Fate: Sendable, Hashable {
  /// The window keeps it, or has no use for it.
  case held
  /// It makes the window fire.
  case fires(Firing)
  /// It is dropped, and nothing will come of it.
  case dropped
  /// It is to fire by itself at that time.
  case delayed(until: Timestamp)
}

/// What has come of a window.
public struct WindowChange: Sendable, Hashable {
  /// What the window holds now.
  public var window: [Sighting]
  /// What fires, in order; an event that makes the window fire does so last.
  public var firings: [Firing] = []
  /// What became of the event; nil when there was none.
  public var fate: Fate?
  /// Events that the window held and that nothing will come of, ascending.
  public var lost: [LogPosition] = []
}

extension TimeOperator {
  /// Closes a window whose deadline has come at `now`, then lets it hear an event, if there is one.
  public func change(
    _ window: [Sighting],
    at now: Timestamp,
    hearing event: (position: LogPosition, fits: [Int])? = nil
  ) -> WindowChange {
    var change = WindowChange(window: window)
    while let deadline = deadline(of: change.window), deadline <= now {
      let before = change.window
      if let firing = close(at: now, &change.window) { change.firings.append(firing) }
      precondition(change.window != before, "closing a window changes it")
    }
    if let event {
      let fate = hear(Sighting(event.position, at: now), fits: event.fits, &change.window)
      if case .fires(let firing) = fate { change.firings.append(firing) }
      change.fate = fate
    }
    var gone = Set(window.map(\.position))
    gone.subtract(change.window.lazy.map(\.position))
    for firing in change.firings { gone.subtract(firing.events) }
    change.lost = gone.sorted()
    return change
  }
}
