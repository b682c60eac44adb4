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

/// Where a run stands.
public enum RunState: UInt8, Sendable, Hashable, CaseIterable {
  /// The next attempt has not begun.
  case pending
  /// An attempt has begun and its outcome is not known; after a restart that attempt counts as interrupted.
  case running
  /// The last attempt failed and the next one is due at `due`.
  case waiting
  /// Every step succeeded.
  case done
  /// Given up; a person may retry or drop it.
  case dead
  /// Was dead and has been dropped by a person.
  case dropped
}

/// A rule's reaction to one event, as the log keeps it.
public struct Run: Sendable, Hashable {
  /// The run's number.
  public var id: RunID
  /// The event that the rule matched.
  public var position: LogPosition
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
  /// When the next attempt is due, if the run waits.
  public var due: Timestamp?
  /// What went wrong at the last attempt.
  public var failure: String?
  /// The outputs of the finished steps as a JSON object by step index, or nil when there is none.
  public var outputs: [UInt8]?
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
  /// The event that its rule matched, as the world sees it.
  public var event: [UInt8]

  /// Puts a run and its event together.
  public init(run: Run, event: [UInt8]) {
    self.run = run
    self.event = event
  }
}

/// A run that routing asks for.
public struct NewRun: Sendable, Hashable {
  /// The index of the matched event in the routed batch.
  public var event: Int
  /// The rule's id.
  public var rule: String
  /// The revision of the rules.
  public var revision: String
  /// The listener that makes the first step.
  public var listener: String
  /// Whether the first attempt will begin right after the commit, and so counts already.
  public var startsAtOnce: Bool

  /// Makes a request for a run.
  public init(event: Int, rule: String, revision: String, listener: String, startsAtOnce: Bool) {
    self.event = event
    self.rule = rule
    self.revision = revision
    self.listener = listener
    self.startsAtOnce = startsAtOnce
  }
}

/// A change to one run.
public enum RunChange: Sendable, Hashable {
  /// An attempt of the current step is about to begin: counts it. To be committed before it begins.
  case attempt(RunID)
  /// The current step succeeded; the next one, made by `listener`, is pending.
  case advance(RunID, outputs: [UInt8]?, listener: String)
  /// The last step succeeded.
  case finish(RunID, outputs: [UInt8]?)
  /// The attempt failed; the next one is due then.
  case retry(RunID, due: Timestamp, failure: String)
  /// The time of the next attempt has come: it is pending.
  case wake(RunID)
  /// The attempt failed and no further one will be made.
  case die(RunID, failure: String)
  /// A person wants a dead run tried again, from its current step and with no attempt counted.
  case revive(RunID)
  /// A person gives up a dead run.
  case drop(RunID)

  /// The run that changes.
  public var run: RunID {
    switch self {
    case .attempt(let run), .advance(let run, _, _), .finish(let run, _), .retry(let run, _, _),
      .wake(let run), .die(let run, _), .revive(let run), .drop(let run):
      run
    }
  }
}

extension Run {
  /// The run after a change, or nil when its state does not allow that change.
  ///
  ///     pending ─attempt→ running ─advance→ pending (next step)
  ///                       running ─finish→ done
  ///                       running ─retry→ waiting ─wake→ pending
  ///                       running ─die→ dead ─revive→ pending
  ///                                     dead ─drop→ dropped
  public func applying(_ change: RunChange, at now: Timestamp) -> Run? {
    var run = self
    run.updated = now
    run.due = nil
    switch (change, state) {
    case (.attempt, .pending):
      run.state = .running
      run.attempts += 1
    case (.advance(_, let outputs, let listener), .running):
      run.listener = listener
      run.state = .pending
      run.step += 1
      run.attempts = 0
      run.failure = nil
      run.outputs = outputs
    case (.finish(_, let outputs), .running):
      run.state = .done
      run.failure = nil
      run.outputs = outputs
    case (.retry(_, let due, let failure), .running):
      run.state = .waiting
      run.due = due
      run.failure = failure
    case (.wake, .waiting):
      run.state = .pending
    case (.die(_, let failure), .running):
      run.state = .dead
      run.failure = failure
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
