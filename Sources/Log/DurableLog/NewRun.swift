// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// A run that routing asks for: all of it but its number.
public struct NewRun: Sendable, Hashable {
  private var unnumbered: Run

  /// Makes a request for a run.
  ///
  /// The state says how it begins: `running` when the first attempt begins right after the commit, and so counts already;
  /// `pending`, `queued`, `behind`, or `dead`.
  public init(position: LogPosition, names: RunNames, state: RunState) {
    unnumbered = Run(
      id: .start,
      position: position,
      names: names,
      state: state,
      updated: Timestamp(microseconds: 0)
    )
  }

  /// How the run begins.
  public var state: RunState {
    get { unnumbered.state }
    set {
      unnumbered.state = newValue
      unnumbered.attempts = newValue == .running ? 1 : 0
    }
  }

  /// All events that the rule reacts to, ascending, when there are several.
  public var inputs: [LogPosition] {
    get { unnumbered.inputs }
    set { unnumbered.inputs = newValue }
  }

  /// Why it is dead.
  public var failure: String? {
    get { unnumbered.failure }
    set { unnumbered.failure = newValue }
  }

  /// What names the runs of which only some go on at once.
  public var gate: [UInt8]? {
    get { unnumbered.gate }
    set { unnumbered.gate = newValue }
  }

  /// What names the runs that the listener is given one after another.
  public var turn: [UInt8]? {
    get { unnumbered.turn }
    set { unnumbered.turn = newValue }
  }

  /// The index of the step with which it begins.
  public var step: Int {
    get { unnumbered.step }
    set { unnumbered.step = newValue }
  }

  /// The results that it begins with.
  public var outputs: [UInt8]? {
    get { unnumbered.outputs }
    set { unnumbered.outputs = newValue }
  }

  /// As what it is part of another run.
  public var branch: Branch? {
    get { unnumbered.branch }
    set { unnumbered.branch = newValue }
  }

  /// The run, under a number.
  public func run(_ id: RunID, at now: Timestamp) -> Run {
    var run = unnumbered
    run.id = id
    run.updated = now
    return run
  }
}
