// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// A change to one run.
public enum RunChange: Sendable, Hashable {
  /// An attempt of the current step is about to begin: counts it. To be committed before it begins.
  case attempt(RunID)
  /// The current step succeeded; the next one, made by `listener`, is pending, or waits for its turn.
  case advance(RunID, outputs: [UInt8]?, listener: String, turn: [UInt8]? = nil)
  /// The last step succeeded.
  case finish(RunID, outputs: [UInt8]?)
  /// The attempt failed; the next one is due then.
  case retry(RunID, due: Timestamp, failure: String)
  /// The time of the next attempt has come: it is pending.
  case wake(RunID)
  /// The next attempt is due at another time.
  case postpone(RunID, due: Timestamp)
  /// The attempt failed and no further one will be made.
  case die(RunID, failure: String)
  /// The run is to end; an attempt that has begun ends first.
  case cancel(RunID)
  /// A person wants a dead run tried again, from its current step and with no attempt counted.
  case revive(RunID)
  /// A person gives up a dead run.
  case drop(RunID)

  /// The run that changes.
  public var run: RunID {
    switch self {
    case .attempt(let run), .advance(let run, _, _, _), .finish(let run, _), .retry(let run, _, _),
      .wake(let run), .postpone(let run, _), .die(let run, _), .cancel(let run), .revive(let run),
      .drop(let run):
      run
    }
  }
}

extension Run {
  /// The run after a change, or nil when its state does not allow that change.
  ///
  ///     queued → behind → pending ─attempt→ running ─advance→ pending (next step)
  ///                                         running ─finish→ done
  ///                                         running ─retry→ waiting ─wake→ pending
  ///                                         running ─die→ dead ─revive→ pending
  ///                                                       dead ─drop→ dropped
  ///     queued, behind, pending, waiting ─cancel→ cancelled
  ///     running ─cancel→ cancelling ─finish→ done
  ///                      cancelling ─advance, retry, die→ cancelled
  ///
  /// What waits at a gate or for its turn, the log lets go on by itself; and what goes on may have to wait there.
  public func applying(_ change: RunChange, at now: Timestamp) -> Run? {
    var run = self
    run.updated = now
    run.due = nil
    switch (change, state) {
    case (.attempt, .pending):
      run.state = .running
      run.attempts += 1
    case (.advance(_, let outputs, let listener, let turn), .running):
      run.listener = listener
      run.turn = turn
      run.state = .pending
      run.step += 1
      run.attempts = 0
      run.failure = nil
      run.outputs = outputs
    case (.finish(_, let outputs), .running), (.finish(_, let outputs), .cancelling):
      run.state = .done
      run.failure = nil
      run.outputs = outputs
    case (.advance(_, let outputs, _, _), .cancelling):
      run.state = .cancelled
      run.outputs = outputs
    case (.retry(_, let due, let failure), .running):
      run.state = .waiting
      run.due = due
      run.failure = failure
    case (.wake, .waiting):
      run.state = .pending
    case (.postpone(_, let due), .waiting):
      run.due = due
    case (.die(_, let failure), .running):
      run.state = .dead
      run.failure = failure
    case (.retry(_, _, let failure), .cancelling), (.die(_, let failure), .cancelling):
      run.state = .cancelled
      run.failure = failure
    case (.cancel, .queued), (.cancel, .behind), (.cancel, .pending), (.cancel, .waiting):
      run.state = .cancelled
    case (.cancel, .running):
      run.state = .cancelling
    case (.revive, .dead):
      run.state = .pending
      run.attempts = 0
    case (.drop, .dead):
      run.state = .dropped
    default: return nil
    }
    return run
  }
}
