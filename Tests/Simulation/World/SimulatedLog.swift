// SPDX-License-Identifier: Apache-2.0

import EventModel
import EventSources

@testable import DurableLog

/// A log whose writer goes on when the simulation says so, a small part at a time.
///
/// It does what the log on disk does: changes that wait are applied together in one transaction, of which nothing is seen
/// until it is committed; then observer and submitters are told, one after another, while others read already. When the
/// disk is full, all of it is undone.
// Unchecked: a simulation is done by one thread.
final class SimulatedLog: DurableLog, @unchecked Sendable {
  typealias Completion = @Sendable (Result<LogReceipt, LogFailure>) -> Void

  private enum Telling {
    case commit(Commit)
    case answer(Completion, Result<LogReceipt, LogFailure>)
  }

  /// What is on disk, as all read it.
  let disk: InMemoryLog
  let clock: SteadyClock
  /// Whether there is no room for anything further.
  var isFull = false
  /// Once in how many readings the disk cannot be read; 0 for never.
  var unreadable = 0
  /// The times that the newest commit has written.
  private(set) var written: SteadyClock.Reading?
  private(set) var isClosed = false
  /// Why the writer has given up.
  private(set) var failure: LogFailure?
  /// Called where a caller may be interrupted.
  var onUse: () -> Void = {}
  /// Called with a run that is tried again because somebody wishes it.
  var onRevival: (Run) -> Void = { _ in }
  /// Called with the runs of which attempts are to begin, and whether they were to end before.
  var onAttempts: ([(run: RunID, isCancelled: Bool)]) -> Void = { _ in }
  let chance: Chance
  private var router: (any EventRouter)?
  private var observer: (any CommitObserver)?
  private var waiting: [(change: LogChange, completion: Completion)] = []
  private var group: [(change: LogChange, completion: Completion)] = []
  private var draft: InMemoryStore?
  private var receipts: [LogReceipt] = []
  private var commits: [Commit] = []
  private var attempts: [(run: RunID, isCancelled: Bool)] = []
  private var toTell: [Telling] = []

  init(_ store: InMemoryStore, clock: SteadyClock, chance: Chance) {
    self.clock = clock
    self.chance = chance
    disk = InMemoryLog(store, clock: clock)
  }

  var hasWork: Bool { router != nil && !(toTell.isEmpty && group.isEmpty && waiting.isEmpty) }

  func start(router: any EventRouter, observer: any CommitObserver) {
    self.router = router
    self.observer = observer
  }

  func submit(_ change: LogChange, completion: @escaping Completion) {
    guard !isClosed else { return completion(.failure(Self.closed)) }
    waiting.append((change, completion))
    onUse()
  }

  func close() async { die() }

  private static let closed = LogFailure(.closed, "the host has ended")

  /// The host ends: what is not committed is gone, and nobody is told of what is.
  func die() {
    isClosed = true
    let answers = toTell.compactMap { if case .answer(let completion, _) = $0 { completion } else { nil } }
    let lost = answers + (group + waiting).map(\.completion)
    (toTell, group, waiting, draft, commits) = ([], [], [], nil, [])
    // What is joined to this log holds it, too.
    (router, observer) = (nil, nil)
    for completion in lost { completion(.failure(Self.closed)) }
  }

  /// The writer goes on: tells one of those who are to be told, applies one change, commits, or takes what waits.
  func step() {
    if !toTell.isEmpty { return tell(toTell.removeFirst()) }
    if receipts.count < group.count { return apply(group[receipts.count].change) }
    if !group.isEmpty { return isFull ? undo(LogFailure(.full, "the disk is full")) : commit() }
    let count = chance.number(1...max(waiting.count, 1))
    group = Array(waiting.prefix(count))
    waiting.removeFirst(group.count)
    draft = disk.store
  }

  private func tell(_ telling: Telling) {
    switch telling {
    case .commit(let commit): observer?.committed(commit)
    case .answer(let completion, let result): completion(result)
    }
  }

  private func apply(_ change: LogChange) {
    guard let store = draft else { preconditionFailure("a transaction is open") }
    let time = clock.reading()
    let transaction = InMemoryTransaction(store, at: time)
    draft = nil
    do {
      let (receipt, commits) = try InMemoryLog.perform(change, at: time, in: transaction, router)
      draft = transaction.store
      noteAttempts(change, receipt, commits)
      receipts.append(receipt)
      self.commits += commits
    } catch {
      failure = error as? LogFailure ?? LogFailure(.io, "\(error)")
      undo(LogFailure(.io, "\(error)"))
    }
  }

  private func noteAttempts(_ change: LogChange, _ receipt: LogReceipt, _ commits: [Commit]) {
    let cancelled = Set((receipt.cancelled + commits.flatMap(\.cancelled)).map(\.id))
    for (change, isDone) in zip(change.runs, receipt.runChanges) where isDone {
      guard case .attempt(let id, _) = change, let index = draft?.index(of: id) else { continue }
      attempts.append((id, draft?.runs[index].isCancelled == true && !cancelled.contains(id)))
    }
  }

  private func commit() {
    guard let draft else { preconditionFailure("a transaction is open") }
    disk.store = draft
    onAttempts(attempts)
    written = clock.reading()
    toTell = commits.map { .commit($0) }
    for (entry, receipt) in zip(group, receipts) {
      for (change, isDone) in zip(entry.change.runs, receipt.runChanges) where isDone {
        if case .revive(let id) = change, let run = try? disk.run(id) { onRevival(run) }
      }
      for change in entry.change.forks.flatMap(\.fork.changes) {
        // What was to go on with a run that was cancelled meanwhile is as before.
        if case .resume(let id, _, _) = change, let run = try? disk.run(id), run.state.isOpen {
          onRevival(run)
        }
      }
      toTell.append(.answer(entry.completion, .success(receipt)))
    }
    finish()
  }

  private func undo(_ failure: LogFailure) {
    router?.rolledBack()
    toTell = group.map { .answer($0.completion, .failure(failure)) }
    finish()
  }

  private func finish() { (group, receipts, commits, attempts, draft) = ([], [], [], [], nil) }
}
