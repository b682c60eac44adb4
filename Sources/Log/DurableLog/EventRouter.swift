// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import EventSources

/// Decides what follows from events, and from the passing of time.
public protocol EventRouter: Sendable {
  /// Decides what a batch of newly appended events asks for, and does it in the transaction.
  ///
  /// Called on the log's writer, once for each batch. `outcomes` has one entry for each event; nothing may follow from a
  /// duplicate. Returns events that belong to the same commit, to be appended and routed in turn; at some time there must
  /// be none. Must not block and must not call the log. An error undoes the transaction.
  func route(
    _ events: EventBatch,
    outcomes: [AppendOutcome],
    at time: SteadyClock.Reading,
    in transaction: any RoutingTransaction
  ) throws -> EventBatch

  /// Does with a window what is wished, which is never that it is opened; likewise.
  func change(
    _ window: StoredWindow,
    _ wish: WindowWish,
    at time: SteadyClock.Reading,
    in transaction: any RoutingTransaction
  ) throws -> EventBatch

  /// Looks for what a run waits for from now on in the events from `event.from` on, and has it go on if it is there.
  func lookBack(
    for event: AwaitedEvent,
    of run: Run,
    at time: SteadyClock.Reading,
    in transaction: any RoutingTransaction
  ) throws

  /// What was routed since the last commit has not been committed and never will be.
  ///
  /// Called on the log's writer.
  func rolledBack()
}

/// What a router sees and does inside the transaction that stores the events.
///
/// Everything that was done before in the same transaction is seen. Belongs to the log's writer and to the call for which
/// it was given.
public protocol RoutingTransaction: AnyObject {
  /// Makes a run.
  @discardableResult
  func makeRun(_ new: NewRun) throws -> Run

  /// The open runs of a gate in the order of their numbers, at most so many.
  func openRuns(gate: [UInt8], limit: Int) throws -> [Run]

  /// Whether a run has the turn of that name.
  func isTaken(turn: [UInt8]) throws -> Bool

  /// Cancels all open runs of a gate, since another one takes their place; `entry` gives what is added to the history of each.
  ///
  /// What is behind one of them is let go on. Of those that take back what they have done, and so stay at the gate, the one
  /// that has been queued for longest goes on if no other does. What goes on is one of the commit's runs.
  func cancelRuns(gate: [UInt8], entry: (Run) -> HistoryEntry?) throws

  /// The runs that wait at a site under a key.
  func runs(awaiting site: String, key: [UInt8]) throws -> [Run]

  /// Lets a run go on that has waited for an event; it is one of the commit's runs.
  func fulfil(_ run: RunID, outputs: [UInt8]) throws

  /// The window of an owner for a key.
  func window(of owner: String, key: [UInt8]) throws -> StoredWindow?

  /// All windows of an owner.
  func windows(of owner: String) throws -> [StoredWindow]

  /// Opens a window; `oldest` is the oldest event that is needed when it fires.
  func open(owner: String, key: [UInt8], due: Timestamp, content: [UInt8], oldest: LogPosition?) throws

  /// Changes what a window holds; and when it is due, unless `due` is nil.
  func update(_ window: StoredWindow, due: Timestamp?, content: [UInt8], oldest: LogPosition?) throws

  /// Forgets a window.
  func remove(_ window: StoredWindow) throws

  /// Notes what became of an event.
  func note(_ decision: Decision) throws

  /// Events of the log from a position on, ascending, at most so many.
  func events(from position: LogPosition, limit: Int) throws -> EventPage

  /// Those of one type, without a look at the others.
  func events(ofType type: String, from position: LogPosition, limit: Int) throws -> EventPage

  /// An event of the log, as the world sees it.
  func event(at position: LogPosition) throws -> [UInt8]

  /// Adds an event to a stream, behind all others; gives the stream's version with it.
  @discardableResult
  func extend(_ stream: StreamName, with position: LogPosition) throws -> Int64

  /// The events of a stream behind a version, in order, at most so many.
  func events(of stream: StreamName, after version: Int64, limit: Int) throws -> EventPage

  /// Forgets which events belong to the streams of an owner, of at most so many; false when there was nothing to forget.
  func forgetStreams(of owner: String, limit: Int) throws -> Bool
}

/// Hears of commits.
public protocol CommitObserver: Sendable {
  /// Called after each commit, once for each batch of events that it appended and once for each wish about windows, on
  /// the log's writer.
  ///
  /// Must return quickly and must not wait for the log.
  func committed(_ commit: Commit)
}

/// What has just become durable.
public struct Commit: Sendable {
  /// The appended batch, duplicates included; none when the commit came of a window.
  public var events: EventBatch
  /// What became of each event.
  public var outcomes: [AppendOutcome]
  /// When the events were recorded.
  public var recorded: Timestamp
  /// The new runs in ascending order, and among them older ones that are pending since another was cancelled, or since
  /// what they waited for has come.
  public var runs: [Run]
  /// Runs of which an attempt is under way that is to be cancelled.
  public var cancelled: [Run]
  /// When the earliest window is due that was opened or changed.
  public var due: Timestamp?

  /// Makes a commit.
  public init(
    events: EventBatch,
    outcomes: [AppendOutcome],
    recorded: Timestamp,
    runs: [Run],
    cancelled: [Run] = [],
    due: Timestamp? = nil
  ) {
    self.events = events
    self.outcomes = outcomes
    self.recorded = recorded
    self.runs = runs
    self.cancelled = cancelled
    self.due = due
  }
}
