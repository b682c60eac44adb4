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
  /// The types of events that are kept whatever their age; what was kept so goes only by a wish for its type.
  public var keptTypes: Set<String>
  /// At how many events the log looks at most, so that others do not wait for long.
  public var limit: Int
  /// The only type of which events are forgotten, wherever they are; nil for all types.
  public var type: String?
  /// Behind which position the log looks for events of that type, since it has looked before.
  public var after = LogPosition.start

  /// Makes a wish.
  public init(before: LogPosition, keptTypes: Set<String> = [], limit: Int = 500) {
    self.before = before
    self.keptTypes = keptTypes
    self.limit = limit
  }

  /// Makes a wish about the events of one type.
  public init(type: String, before: LogPosition, after: LogPosition = .start, limit: Int = 200) {
    self.init(before: before, limit: limit)
    self.type = type
    self.after = after
  }
}

/// What a log has forgotten.
public struct PruneOutcome: Sendable, Hashable {
  /// How many events are gone.
  public var events: Int
  /// Whether all before the wished position have been looked at; otherwise the same wish goes on.
  public var isDone: Bool
  /// The last event of the wished type that was looked at, behind which the next wish goes on.
  public var seen = LogPosition.start

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
