// SPDX-License-Identifier: Apache-2.0

import Dispatch
import DurableLog
import EventModel
import Failpoints
import Foundation
import GRDB
import Synchronization

/// Collects changes and commits everything that waits in one transaction, on a thread of its own.
final class GroupCommit: Sendable {
  typealias Completion = @Sendable (Result<LogReceipt, LogFailure>) -> Void

  private struct Waiting {
    let change: LogChange
    let completion: Completion
  }

  private struct State {
    var waiting: [Waiting] = []
    var failure: LogFailure?
    var isClosing = false
    var isStarted = false
    var onClosed: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())
  private let wake = DispatchSemaphore(value: 0)
  private let queue: DatabaseQueue
  private let clock: SteadyClock
  private let makeSpace: @Sendable () -> DiskSpace
  private let makeRandom: @Sendable () -> any RandomNumberGenerator
  private let onFatal: @Sendable (LogFailure) -> Void

  init(
    queue: DatabaseQueue,
    clock: SteadyClock,
    space: @escaping @Sendable () -> DiskSpace,
    random: @escaping @Sendable () -> any RandomNumberGenerator,
    onFatal: @escaping @Sendable (LogFailure) -> Void
  ) {
    self.queue = queue
    self.clock = clock
    makeSpace = space
    makeRandom = random
    self.onFatal = onFatal
  }

  func start(router: any EventRouter, observer: any CommitObserver) {
    state.withLock {
      precondition(!$0.isStarted, "a log is started once")
      $0.isStarted = true
    }
    let thread = Thread { [self] in
      do {
        try queue.inDatabase { try run(in: $0, router, observer) }
      } catch {
        fail(LogFailure(error))
      }
      finish()
    }
    thread.name = "earshot-log"
    thread.start()
  }

  func submit(_ change: LogChange, completion: @escaping Completion) {
    let refusal: LogFailure? = state.withLock { state in
      if let failure = state.failure { return failure }
      if state.isClosing { return LogFailure(.closed, "the log has been closed") }
      state.waiting.append(Waiting(change: change, completion: completion))
      return nil
    }
    if let refusal { return completion(.failure(refusal)) }
    wake.signal()
  }

  func close() async {
    await withCheckedContinuation { continuation in
      let isThreadGone = state.withLock { state in
        let wasClosing = state.isClosing
        state.isClosing = true
        if !state.isStarted || (wasClosing && state.onClosed.isEmpty) { return true }
        state.onClosed.append(continuation)
        return false
      }
      if isThreadGone { continuation.resume() }
      wake.signal()
    }
  }

  /// The thread's life: waits for changes, commits them, answers them.
  private func run(
    in database: Database,
    _ router: any EventRouter,
    _ observer: any CommitObserver
  ) throws {
    let writer = try LogWriter(database, random: makeRandom())
    var space = makeSpace()
    while true {
      wake.wait()
      let (waiting, isClosing) = state.withLock { state in
        defer { state.waiting.removeAll() }
        return (state.waiting, state.isClosing)
      }
      if !waiting.isEmpty { commit(waiting, in: database, &space, writer, router, observer) }
      if isClosing || state.withLock({ $0.failure != nil }) { return }
    }
  }

  /// Commits changes; when the disk is full, only those that cannot wait.
  private func commit(
    _ waiting: [Waiting],
    in database: Database,
    _ space: inout DiskSpace,
    _ writer: LogWriter,
    _ router: any EventRouter,
    _ observer: any CommitObserver
  ) {
    var waiting = waiting
    if !space.mayTakeEvents() { waiting = refuse(waiting) }
    guard !waiting.isEmpty else { return }
    guard let failure = tryToCommit(waiting, in: database, writer, router, observer) else { return }
    guard failure.code == .full else { return answer(waiting, failure) }
    space.noteFull(database)
    waiting = refuse(waiting)
    guard !waiting.isEmpty else { return }
    if let failure = tryToCommit(waiting, in: database, writer, router, observer) { answer(waiting, failure) }
  }

  /// Refuses what can wait and gives the rest.
  private func refuse(_ waiting: [Waiting]) -> [Waiting] {
    let failure = LogFailure(.full, "the disk is full: no event is taken until there is room")
    answer(waiting.filter(\.change.canWait), failure)
    return waiting.filter { !$0.change.canWait }
  }

  private func answer(_ waiting: [Waiting], _ failure: LogFailure) {
    for entry in waiting { entry.completion(.failure(failure)) }
  }

  /// Commits changes in one transaction and answers them; on a failure it is as if nothing had been done.
  private func tryToCommit(
    _ waiting: [Waiting],
    in database: Database,
    _ writer: LogWriter,
    _ router: any EventRouter,
    _ observer: any CommitObserver
  ) -> LogFailure? {
    let heads = writer.heads
    var receipts: [LogReceipt] = []
    receipts.reserveCapacity(waiting.count)
    var body = ChangeApplication(writer: writer, router: router)
    do {
      try database.execute(sql: "BEGIN IMMEDIATE")
      for entry in waiting { receipts.append(try body.apply(entry.change, at: clock.reading())) }
      if body.commits.contains(where: { !$0.outcomes.isEmpty }) { try writer.writeHead() }
      try writer.writeFresh()
      try writer.writeClock()
      Failpoint.transactionWritten.pass()
      try database.execute(sql: "COMMIT")
      Failpoint.transactionCommitted.pass()
    } catch {
      let failure = LogFailure(error)
      router.rolledBack()
      if database.isInsideTransaction { try? database.execute(sql: "ROLLBACK") }
      if failure.isFatal { fail(failure) } else { restore(heads, of: writer) }
      return failure
    }
    if body.hasErased {
      let isClean = clean(database)
      for index in receipts.indices { receipts[index].erased?.isClean = isClean }
    }
    for commit in body.commits { observer.committed(commit) }
    for (entry, receipt) in zip(waiting, receipts) { entry.completion(.success(receipt)) }
    return nil
  }

  /// Carries everything over into the database and empties the write-ahead log, which holds what was erased; false when
  /// somebody reads from it.
  private func clean(_ database: Database) -> Bool {
    let row = try? Row.fetchOne(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
    return row?[0] == 0
  }

  /// Undoes in memory what the rollback undid on disk.
  private func restore(_ heads: LogWriter.Heads, of writer: LogWriter) {
    do { try writer.restore(heads) } catch { fail(LogFailure(error)) }
  }

  /// Makes every further change fail.
  private func fail(_ failure: LogFailure) {
    let isFirst = state.withLock { state in
      defer { state.failure = state.failure ?? failure }
      return state.failure == nil
    }
    if isFirst { onFatal(failure) }
  }

  /// Answers what came too late and lets `close` return.
  private func finish() {
    let (late, failure, continuations) = state.withLock { state in
      defer {
        state.waiting.removeAll()
        state.onClosed.removeAll()
        state.isClosing = true
      }
      return (state.waiting, state.failure, state.onClosed)
    }
    for entry in late {
      entry.completion(.failure(failure ?? LogFailure(.closed, "the log has been closed")))
    }
    for continuation in continuations { continuation.resume() }
  }
}
