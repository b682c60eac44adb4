// SPDX-License-Identifier: Apache-2.0

public import EventModel
import EventSources
import Synchronization

/// The reference log: the contract in its simplest form, without a disk.
///
/// For tests and simulations, and to be read first. Every change is its own commit, made on the caller's
/// thread and answered before `submit` returns. An error of the router closes it.
public final class InMemoryLog {
  struct State {
    var store = InMemoryStore()
    var failure: LogFailure?
    var router: (any EventRouter)?
    var observer: (any CommitObserver)?
  }

  /// Steady time.
  public let clock: SteadyClock
  let state = Mutex(State())

  /// Makes an empty log.
  public init(clock: any HostClock) { self.clock = SteadyClock(clock) }

  /// Makes a log that holds something.
  init(_ store: InMemoryStore, clock: SteadyClock) {
    self.clock = clock
    state.withLock { $0.store = store }
  }

  /// What the log holds; a simulation decides itself when what was written is there.
  var store: InMemoryStore {
    get { state.withLock { $0.store } }
    set { state.withLock { $0.store = newValue } }
  }
}

// The requirements are documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension InMemoryLog: DurableLog {
  public func start(router: any EventRouter, observer: any CommitObserver) {
    state.withLock {
      $0.router = router
      $0.observer = observer
    }
  }

  public func submit(
    _ change: LogChange,
    completion: @escaping @Sendable (Result<LogReceipt, LogFailure>) -> Void
  ) {
    let time = clock.reading()
    let (result, observer) = state.withLock { state in
      (Self.apply(change, at: time, to: &state), state.observer)
    }
    switch result {
    case .success(let (receipt, commits)):
      for commit in commits { observer?.committed(commit) }
      completion(.success(receipt))
    case .failure(let failure): completion(.failure(failure))
    }
  }

  private static func apply(
    _ change: LogChange,
    at time: SteadyClock.Reading,
    to state: inout State
  ) -> Result<(LogReceipt, [Commit]), LogFailure> {
    if let failure = state.failure { return .failure(failure) }
    // Taken out and put back, so that it is changed in its place.
    let transaction = InMemoryTransaction(state.store, at: time)
    state.store = InMemoryStore()
    defer { state.store = transaction.store }
    do {
      return .success(try perform(change, at: time, in: transaction, state.router))
    } catch {
      let failure = error as? LogFailure ?? LogFailure(.io, "\(error)")
      state.failure = failure
      return .failure(failure)
    }
  }

  static func perform(
    _ change: LogChange,
    at time: SteadyClock.Reading,
    in transaction: InMemoryTransaction,
    _ router: (any EventRouter)?
  ) throws -> (LogReceipt, [Commit]) {
    var receipt = LogReceipt()
    receipt.conflict = transaction.store.take(change.preconditions)
    guard receipt.conflict == nil else { return (receipt, []) }
    for change in change.runs {
      let consequences = try transaction.store.follow(change)
      receipt.runChanges.append(consequences != nil)
      receipt.add(consequences)
    }
    for (index, fork) in change.forks where receipt.runChanges[index] {
      receipt.add(try transaction.store.fork(fork, of: change.runs[index].run))
    }
    for (index, entry) in change.history where receipt.runChanges[index] {
      transaction.store.history[change.runs[index].run, default: []].append(entry)
    }
    if let source = change.source {
      for change in change.checkpoint {
        transaction.store.checkpoints[source, default: [:]][change.key] = change.value
      }
    }
    var commits: [Commit] = []
    for (index, event) in change.awaits where receipt.runChanges[index] {
      let id = change.runs[index].run
      // What was cancelled meanwhile is not held.
      guard let place = transaction.store.index(of: id), transaction.store.runs[place].state == .waiting
      else { continue }
      transaction.store.awaits[id] = event
      try router?.lookBack(for: event, of: transaction.store.runs[place], at: time, in: transaction)
    }
    if transaction.hasNews { commits.append(transaction.commit(EventBatch(), [])) }
    for wish in change.windows {
      if case .open(let owner, let key, let due, let content, let oldest) = wish {
        let isNew = transaction.window(of: owner, key: key) == nil
        if isNew {
          transaction.open(owner: owner, key: key, due: due, content: content, oldest: oldest)
        }
        receipt.windows.append(isNew)
        continue
      }
      let windows = transaction.store.windows(for: wish, at: time.steady)
      receipt.windows.append(!windows.isEmpty)
      var events = EventBatch()
      for window in windows {
        if let router { events.append(try router.change(window, wish, at: time, in: transaction)) }
      }
      commits.append(transaction.commit(EventBatch(), []))
      _ = try append(events, at: time, in: transaction, router, &commits)
    }
    receipt.pruned = change.pruning.map { transaction.store.prune($0) }
    if let erasure = change.erasure {
      var outcome = try transaction.store.erase(erasure)
      if !outcome.erased.isEmpty {
        let position = LogPosition(rawValue: Int64(transaction.store.events.entries.count) + 1)
        let notice = try ErasureNotice.batch(
          outcome.erased,
          of: erasure,
          id: "erasure-\(position)",
          digest: nil,
          at: time.civil
        )
        _ = try append(notice, at: time, in: transaction, router, &commits)
        outcome.notice = position
      }
      receipt.erased = outcome
    }
    if let imported = change.imported {
      receipt.imported = transaction.store.append(imported, at: time.civil)
      commits.append(transaction.commit(imported.events, receipt.imported))
    }
    receipt.outcomes = try append(
      change.allEvents(receipt.runChanges),
      at: time,
      in: transaction,
      router,
      &commits
    )
    return (receipt, commits)
  }

  /// Appends events, and what follows from them as long as anything does.
  private static func append(
    _ events: EventBatch,
    at time: SteadyClock.Reading,
    in transaction: InMemoryTransaction,
    _ router: (any EventRouter)?,
    _ commits: inout [Commit]
  ) throws -> [AppendOutcome] {
    var first: [AppendOutcome]?
    var batch = events
    while !batch.isEmpty {
      let outcomes = transaction.store.append(batch, at: time.civil)
      let next = try router?.route(batch, outcomes: outcomes, at: time, in: transaction) ?? EventBatch()
      commits.append(transaction.commit(batch, outcomes))
      first = first ?? outcomes
      batch = next
    }
    return first ?? []
  }

  public func close() async {
    state.withLock { $0.failure = $0.failure ?? LogFailure(.closed, "the log has been closed") }
  }
}
