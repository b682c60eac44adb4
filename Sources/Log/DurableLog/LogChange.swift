// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import EventSources

/// What is to be committed as a whole.
public struct LogChange: Sendable {
  /// Events to append, in order.
  public var events: EventBatch
  /// Changes to runs, in order, before the events are appended.
  public var runs: [RunChange]
  /// The source whose checkpoint changes.
  public var source: String?
  /// Changes to that source's checkpoint, in order.
  public var checkpoint: [CheckpointChange]

  /// Makes a change.
  public init(
    events: EventBatch = EventBatch(),
    runs: [RunChange] = [],
    source: String? = nil,
    checkpoint: [CheckpointChange] = []
  ) {
    self.events = events
    self.runs = runs
    self.source = source
    self.checkpoint = checkpoint
  }
}

/// The answer to a committed change.
public struct LogReceipt: Sendable, Hashable {
  /// What became of each event.
  public var outcomes: [AppendOutcome]
  /// Whether each change of a run was possible in the state in which it found the run.
  public var runChanges: [Bool]

  /// Makes a receipt.
  public init(outcomes: [AppendOutcome], runChanges: [Bool]) {
    self.outcomes = outcomes
    self.runChanges = runChanges
  }
}

/// Decides what follows from events.
public protocol EventRouter: Sendable {
  /// Names what a batch of newly appended events asks for.
  ///
  /// Called inside the transaction, on the log's writer, once for each batch. `outcomes` has one entry for
  /// each event; nothing may follow from a duplicate. `recorded` is when the events are recorded. Must not block
  /// and must not call the log.
  func route(_ events: EventBatch, outcomes: [AppendOutcome], recorded: Timestamp) -> Routing

  /// What was routed since the last commit has not been committed and never will be.
  ///
  /// Called on the log's writer.
  func rolledBack()
}

/// What follows from a batch of events.
public struct Routing: Sendable {
  /// The runs that it asks for, in the order of the events.
  public var runs: [NewRun]
  /// Events that belong to the same commit, to be appended and routed in turn; at some time there must be none.
  public var events: EventBatch

  /// Makes an answer.
  public init(runs: [NewRun] = [], events: EventBatch = EventBatch()) {
    self.runs = runs
    self.events = events
  }
}

/// Hears of commits.
public protocol CommitObserver: Sendable {
  /// Called after each commit that appended events, once for each appended batch, on the log's writer.
  ///
  /// Must return quickly and must not wait for the log.
  func committed(_ commit: Commit)
}

/// A batch of events that has just become durable, and the runs that came of it.
public struct Commit: Sendable {
  /// The batch, duplicates included.
  public let events: EventBatch
  /// What became of each event.
  public let outcomes: [AppendOutcome]
  /// When the events were recorded.
  public let recorded: Timestamp
  /// The new runs in ascending order.
  public let runs: [Run]

  /// Makes a commit.
  public init(events: EventBatch, outcomes: [AppendOutcome], recorded: Timestamp, runs: [Run]) {
    self.events = events
    self.outcomes = outcomes
    self.recorded = recorded
    self.runs = runs
  }
}
