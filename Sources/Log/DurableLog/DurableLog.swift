// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import EventSources

/// Theory of operation.
///
/// The log is the one record of truth: events in the order of their positions, the runs that rules made of
/// them, and the checkpoints of sources. Everything that must hold together is one `LogChange`, and a change
/// is committed as a whole or not at all. All changes that wait are committed in one transaction (group
/// commit); an answer comes only after the transaction is on disk.
///
/// Appended events are routed inside the transaction that stores them: the log shows each batch to its
/// `EventRouter`, which names the runs to be made, and stores these with the events. So there is no moment at
/// which an event is on disk and what follows from it is not. After the commit the log shows events and new
/// runs to its `CommitObserver`, which spares the dispatcher and followers a read.
///
/// A log has one writer. Reads come from any thread and see whole commits.
public protocol DurableLog: AnyObject, Sendable {
  /// Begins to take changes.
  ///
  /// Called once, before everything else. Router and observer are called on a thread of the log.
  func start(router: any EventRouter, observer: any CommitObserver)

  /// Takes a change and answers after its commit, or that it was not committed.
  ///
  /// Changes are committed in the order of the calls. `completion` is called once, on a thread of the log;
  /// it must return quickly. It may submit further changes.
  func submit(_ change: LogChange, completion: @escaping @Sendable (Result<LogReceipt, LogFailure>) -> Void)

  /// Events from a position on, ascending, at most `limit` of them.
  func events(from position: LogPosition, limit: Int) throws(LogFailure) -> EventPage

  /// The position of the event with this source and id.
  func position(source: String, id: String) throws(LogFailure) -> LogPosition?

  /// The position of the newest event, `.start` when there is none.
  func lastPosition() throws(LogFailure) -> LogPosition

  /// Runs after an id in ascending order, at most `limit`, of the given states.
  func runs(after id: RunID, states: Set<RunState>, limit: Int) throws(LogFailure) -> [Run]

  /// The pending runs of a listener after an id in ascending order, at most `limit`.
  func pendingRuns(of listener: String, after id: RunID, limit: Int) throws(LogFailure) -> [Run]

  /// The listeners that have pending runs.
  func pendingListeners() throws(LogFailure) -> Set<String>

  /// One run.
  func run(_ id: RunID) throws(LogFailure) -> Run?

  /// Runs with the events that they react to, in the order of `ids`; an id that names no run is left out.
  func work(of ids: [RunID]) throws(LogFailure) -> [RunWork]

  /// Waiting runs that are due at or before an instant, the earliest first, at most `limit`.
  func dueRuns(at instant: Timestamp, limit: Int) throws(LogFailure) -> [Run]

  /// When the next waiting run is due.
  func nextDue() throws(LogFailure) -> Timestamp?

  /// The committed checkpoint of a source.
  func checkpoint(of source: String) -> any CheckpointReader

  /// Answers what waits, then releases everything; later calls fail with `closed`.
  func close() async
}

extension DurableLog {
  /// Takes a change and returns after its commit.
  @discardableResult
  public func submit(_ change: LogChange) async throws -> LogReceipt {
    try await withCheckedThrowingContinuation { continuation in
      submit(change) { continuation.resume(with: $0) }
    }
  }
}
