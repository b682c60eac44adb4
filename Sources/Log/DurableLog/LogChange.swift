// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import EventSources

/// What is to be committed as a whole.
public struct LogChange: Sendable {
  /// Events to append, in order.
  public var events: EventBatch
  /// Changes to runs, in order, before the events are appended.
  public var runs: [RunChange]
  /// Events that come of changes to runs, by the places of these: appended after the others, if the change is possible.
  public var outcomes: [(change: Int, events: EventBatch)] = []
  /// What comes to pass in runs by changes to them, by the places of these: written if the change is possible.
  public var history: [(change: Int, entry: HistoryEntry)] = []
  /// What runs wait for from now on that are held by changes, by the places of these; the router looks back for it.
  public var awaits: [(change: Int, event: AwaitedEvent)] = []
  /// The branches for which runs wait from now on that are held by changes, by the places of these.
  public var forks: [(change: Int, fork: Fork)] = []
  /// The source whose checkpoint changes.
  public var source: String?
  /// Changes to that source's checkpoint, in order.
  public var checkpoint: [CheckpointChange]
  /// What is to be done with windows, in order, after the changes to runs and before the events are appended.
  public var windows: [WindowWish]
  /// Which events are to be forgotten, after that.
  public var pruning: Pruning?
  /// Which events are to be erased, after that.
  public var erasure: Erasure?
  /// Events of another log that are appended before the others.
  public var imported: EventImport?
  /// What must hold for anything of the change to be done; for a change that only appends events.
  public var preconditions: Preconditions?

  /// Makes a change.
  public init(
    events: EventBatch = EventBatch(),
    runs: [RunChange] = [],
    source: String? = nil,
    checkpoint: [CheckpointChange] = [],
    windows: [WindowWish] = [],
    pruning: Pruning? = nil
  ) {
    self.pruning = pruning
    self.events = events
    self.runs = runs
    self.source = source
    self.checkpoint = checkpoint
    self.windows = windows
  }

  /// Adds a change to a run, with the events that come of it and what is to be known of it later.
  public mutating func append(
    _ change: RunChange,
    _ events: EventBatch = EventBatch(),
    _ entry: HistoryEntry? = nil,
    awaiting event: AwaitedEvent? = nil,
    forking fork: Fork? = nil
  ) {
    if !events.isEmpty { outcomes.append((runs.count, events)) }
    if let entry { history.append((runs.count, entry)) }
    if let event { awaits.append((runs.count, event)) }
    if let fork { forks.append((runs.count, fork)) }
    runs.append(change)
  }

  /// All events that are to be appended, if of the changes to runs those were possible.
  public func allEvents(_ possible: [Bool]) -> EventBatch {
    guard !outcomes.isEmpty else { return events }
    var all = events
    for outcome in outcomes where possible[outcome.change] { all.append(outcome.events) }
    return all
  }
}

/// The answer to a committed change.
public struct LogReceipt: Sendable, Hashable {
  /// What became of each event, those that come of changes to runs last.
  public var outcomes: [AppendOutcome]
  /// Whether each change of a run was possible in the state in which it found the run.
  public var runChanges: [Bool]
  /// Runs that waited for others to end and are pending now.
  public var released: [Run]
  /// Runs of which an attempt is under way that is to be cancelled.
  public var cancelled: [Run] = []
  /// Whether the window of each wish was there.
  public var windows: [Bool]
  /// What was forgotten, if anything was to be.
  public var pruned: PruneOutcome?
  /// What was erased, if anything was to be.
  public var erased: ErasureOutcome?
  /// What became of each event of another log.
  public var imported: [AppendOutcome] = []
  /// Why nothing of the change was done.
  public var conflict: Conflict?

  /// Makes a receipt.
  public init(
    outcomes: [AppendOutcome] = [],
    runChanges: [Bool] = [],
    released: [Run] = [],
    windows: [Bool] = []
  ) {
    self.outcomes = outcomes
    self.runChanges = runChanges
    self.released = released
    self.windows = windows
  }

  /// Adds what a change of a run has led to.
  public mutating func add(_ consequences: Consequences?) {
    guard let consequences else { return }
    released += consequences.released
    cancelled += consequences.cancelled
  }
}
