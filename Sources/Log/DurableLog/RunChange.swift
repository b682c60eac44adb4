// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// A change to one run.
public enum RunChange: Sendable, Hashable {
  /// An attempt of the current step, by that listener, is about to begin: counts it. To be committed before it begins.
  ///
  /// A run whose next step is another listener's does not allow it: whoever claims runs for a listener may have heard of
  /// this one before it went on.
  case attempt(RunID, by: String)
  /// The current step is done with; the next one is pending, or waits for its turn.
  case advance(RunID, to: NextStep, outputs: [UInt8]?)
  /// The last step succeeded.
  case finish(RunID, outputs: [UInt8]?)
  /// The current step waits by itself, without having failed; its next attempt is due then.
  case hold(RunID, due: Timestamp, outputs: [UInt8]?)
  /// The attempt failed; the next one is due then.
  case retry(RunID, due: Timestamp, failure: String)
  /// The host ended during the attempt, which may be why; the next one is due then.
  case interrupt(RunID, due: Timestamp, failure: String)
  /// The time of the next attempt has come: it is pending.
  case wake(RunID)
  /// What the run waits for has come: it is pending.
  case fulfil(RunID, outputs: [UInt8]?)
  /// The next attempt is due at another time.
  case postpone(RunID, due: Timestamp)
  /// All branches for which the run has waited have ended: it is pending. Logs do this by themselves.
  case join(RunID)
  /// The attempt failed and no further one will be made; a branch is left to the run that waits for it.
  case die(RunID, failure: String)
  /// All that is to be taken back of a run that has failed was.
  case compensate(RunID, failure: String, outputs: [UInt8]?)
  /// The run was cancelled and has nothing to take back.
  case abort(RunID, failure: String)
  /// A branch that has ended takes back what it has done, by that listener.
  case undo(RunID, by: String, outputs: [UInt8]?)
  /// The attempt to take something back failed, and no further one will be made.
  case stick(RunID, failure: String)
  /// The attempt's outcome is not known, and the step must not be repeated unasked.
  case doubt(RunID, failure: String)
  /// The run is to end; an attempt that has begun ends first, and what it has done is taken back first (`Run.isCancelled`).
  case cancel(RunID)
  /// A person wants a dead, stuck or uncertain run tried again, from its current step and with no attempt counted.
  case revive(RunID)
  /// A person has a run that has ended without success go on from some step.
  case resume(RunID, from: NextStep, outputs: [UInt8]?)
  /// A person gives up a dead, stuck or uncertain run.
  case drop(RunID)

  /// The run that changes.
  public var run: RunID {
    switch self {
    case .attempt(let run, _), .advance(let run, _, _), .hold(let run, _, _), .finish(let run, _),
      .retry(let run, _, _),
      .interrupt(let run, _, _), .wake(let run), .fulfil(let run, _), .postpone(let run, _), .die(let run, _),
      .doubt(let run, _), .join(let run), .abort(let run, _), .undo(let run, _, _),
      .compensate(let run, _, _), .stick(let run, _), .resume(let run, _, _),
      .cancel(let run), .revive(let run), .drop(let run):
      run
    }
  }
}

/// The step with which a run goes on.
public struct NextStep: Sendable, Hashable {
  /// Its index among the steps of the rule.
  public var step: Int
  /// The listener that makes it.
  public var listener: String
  /// What names the runs that this listener is given one after another; nil when it has no order.
  public var turn: [UInt8]?
  /// Whether something that the run has done would be taken back.
  public var owes: Bool

  /// Names a step.
  public init(_ step: Int, by listener: String, turn: [UInt8]? = nil, owes: Bool = false) {
    self.step = step
    self.listener = listener
    self.turn = turn
    self.owes = owes
  }
}

extension Run {
  /// The run after a change, or nil when its state does not allow that change.
  ///
  ///     queued → behind → pending ─attempt→ running ─advance→ pending (next step)
  ///                                         running ─finish→ done
  ///                                         running ─hold, retry→ waiting ─wake, fulfil→ pending
  ///                                         running ─hold, and branches→ waiting ─join→ pending
  ///                                         running ─die→ dead ─revive→ pending
  ///                                         running ─die→ failed, of a branch
  ///                                                       dead ─drop→ dropped
  ///     dead, dropped, cancelled, uncertain, compensated, stuck, failed ─resume→ pending
  ///     done, failed, cancelled, dropped, of a branch ─undo→ pending
  ///                                         running ─compensate→ compensated
  ///                                         running ─stick→ stuck ─revive, drop→ as dead
  ///                                         running ─doubt→ uncertain ─advance, finish, revive, drop→ as above
  ///     queued, behind, pending, waiting ─cancel→ cancelled
  ///     what owes stays as it is, or waiting ─cancel→ pending, and is cancelled
  ///     what waits for branches stays so, and is cancelled; they are cancelled, too
  ///     running ─cancel→ cancelling ─finish→ done
  ///                      cancelling ─advance→ pending, and is cancelled, if it owes now
  ///                      cancelling ─advance, hold, retry, die→ cancelled
  ///     running ─abort→ cancelled
  ///
  /// What waits at a gate or for its turn, the log lets go on by itself; and what goes on may have to wait there.
  public func applying(_ change: RunChange, at now: Timestamp) -> Run? {
    var run = self
    run.updated = now
    run.due = nil
    switch (change, state) {
    case (.attempt(_, by: run.listener), .pending):
      run.state = .running
      run.attempts += 1
    case (.advance(_, let next, let outputs), .running), (.advance(_, let next, let outputs), .uncertain):
      run.goOn(with: next, outputs)
    case (.finish(_, let outputs), .running), (.finish(_, let outputs), .cancelling),
      (.finish(_, let outputs), .uncertain):
      run.state = .done
      run.failure = nil
      run.outputs = outputs
    case (.hold(_, let due, let outputs), .running):
      run.state = .waiting
      run.due = due
      run.failure = nil
      run.outputs = outputs
    case (.advance(_, let next, let outputs), .cancelling) where next.owes:
      run.goOn(with: next, outputs)
      run.isCancelled = true
    case (.advance(_, _, let outputs), .cancelling), (.hold(_, _, let outputs), .cancelling):
      run.state = .cancelled
      run.outputs = outputs
    case (.retry(_, let due, let failure), .running):
      run.state = .waiting
      run.due = due
      run.failure = failure
    case (.interrupt(_, let due, let failure), .running):
      run.state = .waiting
      run.due = due
      run.failure = failure
      run.interruptions += 1
    case (.doubt(_, let failure), .running):
      run.state = .uncertain
      run.failure = failure
    case (.wake, .waiting) where join == nil:
      run.state = .pending
    case (.fulfil(_, let outputs), .waiting) where join == nil:
      run.state = .pending
      run.outputs = outputs
    case (.postpone(_, let due), .waiting) where join == nil:
      run.due = due
    case (.join, .waiting) where join != nil:
      run.state = .pending
      run.join = nil
    case (.die(_, let failure), .running):
      run.state = branch == nil ? .dead : .failed
      run.failure = failure
    case (.abort(_, let failure), .running):
      run.state = .cancelled
      run.failure = failure
    case (.undo(_, let listener, let outputs), let state) where state.isUndoable && branch != nil:
      run.goOn(with: NextStep(step, by: listener, owes: true), outputs)
      run.isCancelled = true
    case (.retry(_, _, let failure), .cancelling), (.die(_, let failure), .cancelling),
      (.interrupt(_, _, let failure), .cancelling), (.doubt(_, let failure), .cancelling),
      (.stick(_, let failure), .cancelling), (.compensate(_, let failure, _), .cancelling),
      (.abort(_, let failure), .cancelling):
      run.state = .cancelled
      run.failure = failure
    case (.cancel, .waiting) where join != nil:
      run.isCancelled = true
      run.due = due
    case (.cancel, .queued) where owes, (.cancel, .behind) where owes, (.cancel, .pending) where owes,
      (.cancel, .waiting) where owes,
      (.cancel, .running) where owes:
      run.isCancelled = true
      if state == .waiting { run.state = .pending }
    case (.cancel, .queued), (.cancel, .behind), (.cancel, .pending), (.cancel, .waiting):
      run.state = .cancelled
    case (.cancel, .running):
      run.state = .cancelling
    case (.compensate(_, let failure, let outputs), .running),
      (.compensate(_, let failure, let outputs), .uncertain):
      run.state = .compensated
      run.failure = failure
      run.outputs = outputs
    case (.stick(_, let failure), .running):
      run.state = .stuck
      run.failure = failure
    case (.revive, .dead), (.revive, .uncertain), (.revive, .stuck):
      run.state = .pending
      run.attempts = 0
      run.interruptions = 0
    case (.resume(_, let next, let outputs), let state) where RunState.resumable.contains(state):
      run.goOn(with: next, outputs)
      run.isCancelled = false
    case (.drop, .dead), (.drop, .uncertain), (.drop, .stuck):
      run.state = .dropped
    default: return nil
    }
    return run
  }

  private mutating func goOn(with next: NextStep, _ outputs: [UInt8]?) {
    step = next.step
    listener = next.listener
    turn = next.turn
    owes = next.owes
    state = .pending
    attempts = 0
    interruptions = 0
    failure = nil
    self.outputs = outputs
  }
}

extension RunChange {
  /// Whether the run may come to be at its gate or turn by the change, or the log has to look at it for another reason,
  /// though no run waits for others.
  public var mayEnterGate: Bool {
    switch self {
    case .cancel, .resume, .undo: true
    default: false
    }
  }

  /// Whether the run may have ended by the change, or waits.
  public var mayEnd: Bool {
    switch self {
    case .advance: false
    default: true
    }
  }

  /// Whether the change lets a run go on that has waited, which nobody knows yet.
  public func lets(_ before: Run, goOnAs after: Run) -> Bool {
    switch self {
    case .cancel, .join: before.state != .pending && after.state == .pending
    default: false
    }
  }
}

extension Run {
  /// Whether the run is to end, and has not.
  public var isToEnd: Bool { state == .cancelling || isCancelled && state.isOpen }
}
