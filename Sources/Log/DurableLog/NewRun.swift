// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// A run that routing asks for.
public struct NewRun: Sendable, Hashable {
  /// The event that the rule reacts to.
  public var position: LogPosition
  /// All events that the rule reacts to, ascending, when there are several.
  public var inputs: [LogPosition] = []
  /// The rule's id.
  public var rule: String
  /// The revision of the rules.
  public var revision: String
  /// The listener that makes the first step.
  public var listener: String
  /// How the run begins: `running` when the first attempt begins right after the commit, and so counts already;
  /// `pending`, `queued`, `behind`, or `dead`.
  public var state: RunState
  /// Why it is dead.
  public var failure: String?
  /// What names the runs of which only some go on at once.
  public var gate: [UInt8]?
  /// What names the runs that the listener is given one after another.
  public var turn: [UInt8]?

  /// Makes a request for a run.
  public init(
    position: LogPosition,
    rule: String,
    revision: String,
    listener: String,
    state: RunState
  ) {
    self.position = position
    self.rule = rule
    self.revision = revision
    self.listener = listener
    self.state = state
  }

  /// The run, under a number.
  public func run(_ id: RunID, at now: Timestamp) -> Run {
    var run = Run(
      id: id,
      position: position,
      rule: rule,
      revision: revision,
      listener: listener,
      state: state,
      updated: now
    )
    run.inputs = inputs
    run.failure = failure
    run.gate = gate
    run.turn = turn
    return run
  }
}
