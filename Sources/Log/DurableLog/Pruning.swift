// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// Which events a log is to forget.
///
/// An event is kept for as long as an open run reacts to it, or a dead or uncertain one, of which a person has not
/// decided yet; so are the events of streams, and events of some types. With an event go the runs that have reacted to it, and what was noted of it.
/// The newest event always stays. Events that windows need are for the caller to spare (`oldestInWindows`): to look for
/// them takes long where there are many windows, and what was true before the wish is enough.
public struct Pruning: Sendable, Hashable {
  /// Events before this position are forgotten.
  public var before: LogPosition
  /// The types of events that are kept whatever their age.
  public var keptTypes: Set<String>
  /// At how many events the log looks at most, so that others do not wait for long.
  public var limit: Int

  /// Makes a wish.
  public init(before: LogPosition, keptTypes: Set<String> = [], limit: Int = 500) {
    self.before = before
    self.keptTypes = keptTypes
    self.limit = limit
  }
}

/// What a log has forgotten.
public struct PruneOutcome: Sendable, Hashable {
  /// How many events are gone.
  public var events: Int
  /// Whether all before the wished position have been looked at; otherwise the same wish goes on.
  public var isDone: Bool

  /// Makes an outcome.
  public init(events: Int, isDone: Bool) {
    self.events = events
    self.isDone = isDone
  }
}

extension RunState {
  /// Whether nothing will be done with the run any more, so that it may be forgotten.
  public var isOver: Bool { [.done, .dropped, .cancelled, .compensated, .failed].contains(self) }
}
