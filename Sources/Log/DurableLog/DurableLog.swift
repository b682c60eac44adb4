// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// Theory of operation.
///
/// The log is the one record of truth: events in the order of their positions, the runs that rules made of
/// them, and the checkpoints of sources. Everything that must hold together is one `LogChange`, and a change
/// is committed as a whole or not at all. All changes that wait are committed in one transaction (group
/// commit); an answer comes only after the transaction is on disk.
///
/// Appended events are routed inside the transaction that stores them: the log shows each batch to its
/// `EventRouter`, which makes runs, and stores these with the events. So there is no moment at
/// which an event is on disk and what follows from it is not. After the commit the log shows events and new
/// runs to its `CommitObserver`, which spares the dispatcher and followers a read.
///
/// What rules keep between events (`StoredWindow`) is the router's to read and write in that transaction, and the
/// log finds the windows that are due. Runs may wait for others: at a gate, of which a rule's mode says how many
/// go on at once, and for their turn at a listener that is given the events of a key one after another. When a
/// run ends, or goes on to another step, the one that has waited longest is let go on in the same commit. A run may also
/// wait for branches, runs that belong to it (`Branching`): the log counts their ends, and cancels those that are not needed.
///
/// A log has one writer. Reads come from any thread and see whole commits.
public protocol DurableLog: LogReading, AnyObject {
  /// Begins to take changes.
  ///
  /// Called once, before everything else. Router and observer are called on a thread of the log.
  func start(router: any EventRouter, observer: any CommitObserver)

  /// Takes a change and answers after its commit, or that it was not committed.
  ///
  /// Changes are committed in the order of the calls. `completion` is called once, on a thread of the log;
  /// it must return quickly. It may submit further changes.
  func submit(_ change: LogChange, completion: @escaping @Sendable (Result<LogReceipt, LogFailure>) -> Void)

  /// Steady time, by which runs and windows are due; goes on over restarts.
  var clock: SteadyClock { get }

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
