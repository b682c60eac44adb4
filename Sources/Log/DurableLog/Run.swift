// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// The number of a run: ascending in the order in which runs were made.
public struct RunID: RawRepresentable, Hashable, Comparable, Sendable {
  /// The number; 0 stands for the place before the first run.
  public let rawValue: Int64

  /// The place before the first run.
  public static let start = RunID(rawValue: 0)

  /// Makes an id from its number.
  public init(rawValue: Int64) { self.rawValue = rawValue }

  /// Orders runs by their making.
  public static func < (left: RunID, right: RunID) -> Bool { left.rawValue < right.rawValue }
}

/// A rule's reaction to an event, or to several, as the log keeps it.
public struct Run: Sendable, Hashable {
  /// The run's number.
  public var id: RunID
  /// The event that the rule reacts to; of several, the one that stands for all.
  public var position: LogPosition
  /// All events that the rule reacts to, ascending, when there are several.
  public var inputs: [LogPosition] = []
  /// The rule's id.
  public var rule: String
  /// The revision of the rules under which the run was made and will finish.
  public var revision: String
  /// The listener whose turn it is: whose plugin makes the current step.
  public var listener: String
  /// Where the run stands.
  public var state: RunState
  /// The index of the step that is next, or under way.
  public var step: Int
  /// How many attempts of that step have begun.
  public var attempts: Int
  /// How many attempts of that step the host's end has interrupted, without another outcome between them.
  public var interruptions = 0
  /// When the next attempt is due, if the run waits.
  public var due: Timestamp?
  /// What went wrong at the last attempt.
  public var failure: String?
  /// The outputs of the finished steps as a JSON object by step index, or nil when there is none.
  public var outputs: [UInt8]?
  /// What names the runs of which only some go on at once, by the rule's mode; nil when the rule has none.
  public var gate: [UInt8]?
  /// What names the runs that the current step's listener is given one after another; nil when it has no order.
  public var turn: [UInt8]?
  /// When the run last changed.
  public var updated: Timestamp

  /// Makes a run.
  public init(
    id: RunID,
    position: LogPosition,
    rule: String,
    revision: String,
    listener: String,
    state: RunState,
    updated: Timestamp
  ) {
    self.id = id
    self.position = position
    self.rule = rule
    self.revision = revision
    self.listener = listener
    self.state = state
    self.updated = updated
    step = 0
    attempts = state == .running ? 1 : 0
  }
}

/// A run with what is needed to go on with it.
public struct RunWork: Sendable, Hashable {
  /// The run.
  public var run: Run
  /// The event that it reacts to, as the world sees it.
  public var event: [UInt8]

  /// Puts a run and its event together.
  public init(run: Run, event: [UInt8]) {
    self.run = run
    self.event = event
  }
}
