// SPDX-License-Identifier: Apache-2.0

import Dispatch
public import DurableLog
public import EventModel
import Foundation
public import Rules
import Synchronization

/// Keeps the tables of views up to date beside the log, on a thread of its own.
///
/// The thread sleeps until the log has committed something; without views there is none. Safe to use from any thread.
public final class ViewKeeper: Sendable {
  struct State {
    /// The definitions that are to hold from now on, and who waits until they do.
    var wish: [ViewDefinition]?
    var onUsed: [CheckedContinuation<Void, Never>] = []
    var rebuilds: [(name: String, answer: CheckedContinuation<Bool, Never>)] = []
    var statuses: [ViewStatus] = []
    /// Why no view is kept, as long as that is so.
    var failure: ViewFailure?
    var waiters: [UInt64: ViewWaiter] = [:]
    var lastID: UInt64 = 0
    var isRunning = false
    var isClosing = false
    var onClosed: [CheckedContinuation<Void, Never>] = []
  }

  /// How long a failure is left alone before another attempt.
  private static let pause = Duration.seconds(5)

  /// The database file.
  public let path: String
  private let log: any LogReading
  let clock: any HostClock
  let report: @Sendable (String) -> Void
  let state = Mutex(State())
  private let followers = ViewFollowers()
  private let wake = DispatchSemaphore(value: 0)
  private let isAwake = Atomic(false)
  private let alarm = Mutex<Alarm?>(nil)

  /// Makes a keeper of the database at `path`; `report` takes lines for people, on any thread.
  public init(
    path: String,
    log: any LogReading,
    clock: any HostClock,
    report: @escaping @Sendable (String) -> Void
  ) {
    self.path = path
    self.log = log
    self.clock = clock
    self.report = report
    alarm.withLock { $0 = Alarm(clock: clock) { [weak self] in self?.noteCommit() } }
  }

  /// Keeps these views from now on; returns once their tables are there.
  public func use(_ views: [ViewDefinition]) async {
    await withCheckedContinuation { continuation in
      let (isNeeded, isFirst) = state.withLock { state in
        let isNeeded = !state.isClosing && (state.isRunning || !views.isEmpty || isThere)
        guard isNeeded else { return (false, false) }
        state.wish = views
        state.onUsed.append(continuation)
        defer { state.isRunning = true }
        return (true, !state.isRunning)
      }
      guard isNeeded else { return continuation.resume() }
      if isFirst { start() }
      noteCommit()
    }
  }

  /// Whether there is a database, which may hold views of before.
  private var isThere: Bool { FileManager.default.fileExists(atPath: path) }

  /// Notes that the log has grown; costs next to nothing.
  public func noteCommit() {
    if !isAwake.exchange(true, ordering: .acquiringAndReleasing) { wake.signal() }
  }

  /// What is known of each view, in the order of their names.
  public func statuses() throws(ViewFailure) -> [ViewStatus] {
    let (statuses, failure) = state.withLock { ($0.statuses, $0.failure) }
    if let failure { throw failure }
    return statuses.sorted { $0.name < $1.name }
  }

  /// Begins to build a view anew; false when there is no such view.
  public func rebuild(_ name: String) async -> Bool {
    await withCheckedContinuation { continuation in
      let isTaken = state.withLock { state in
        guard state.isRunning, !state.isClosing else { return false }
        state.rebuilds.append((name, continuation))
        return true
      }
      if isTaken { noteCommit() } else { continuation.resume(returning: false) }
    }
  }

  /// Hears of the rows of a view that change from now on, until `end` is called.
  public func follow(_ view: String) -> ViewFollower { followers.follow(view) }

  /// Writes down how far the views have come, and returns when the thread is gone.
  public func close() async {
    alarm.withLock { $0 }?.cancel()
    await withCheckedContinuation { continuation in
      let isGone = state.withLock { state in
        state.isClosing = true
        if state.isRunning { state.onClosed.append(continuation) }
        return !state.isRunning
      }
      if isGone { continuation.resume() }
      noteCommit()
    }
    followers.close()
    resumeWaiters { _ in .failure(ViewFailure(.closed, "the host is ending")) }
  }

  private func start() {
    let thread = Thread { [self] in
      run()
      let closed = state.withLock { state in
        defer { state.onClosed = [] }
        state.isRunning = false
        return state.onClosed
      }
      for continuation in closed { continuation.resume() }
    }
    thread.name = "earshot-views"
    thread.start()
  }

  /// The thread's life.
  private func run() {
    var worker: ViewWorker?
    var views: [ViewDefinition] = []
    while true {
      wake.wait()
      isAwake.store(false, ordering: .sequentiallyConsistent)
      let (wish, rebuilds, used, isClosing) = state.withLock { state in
        defer { (state.wish, state.rebuilds, state.onUsed) = (nil, [], []) }
        return (state.wish, state.rebuilds, state.onUsed, state.isClosing)
      }
      if let wish { views = wish }
      do {
        let present = try worker ?? open()
        if worker == nil || wish != nil { try present.use(views) }
        worker = present
        publish(present)
        for continuation in used { continuation.resume() }
        for rebuild in rebuilds { rebuild.answer.resume(returning: try present.rebuild(rebuild.name)) }
        if isClosing { return try present.finish() }
        let isMore = try present.advance()
        publish(present)
        if isMore { noteCommit() }
      } catch {
        worker = nil
        fail(error)
        for continuation in used { continuation.resume() }
        if isClosing { return }
      }
    }
  }

  private func open() throws -> ViewWorker {
    let (database, reason) = try ViewDatabase.open(path)
    if let reason, state.withLock({ $0.failure != nil || reason != "there was none" }) {
      report("the database of the views is made anew: \(reason)")
    }
    return try ViewWorker(database, log: log, followers: followers, report: report)
  }

  /// Shows how far the views have come, to all who ask and wait.
  private func publish(_ worker: ViewWorker) {
    let statuses = worker.statuses
    state.withLock { state in
      state.statuses = statuses
      state.failure = nil
    }
    resumeWaiters { $0.outcome(statuses) }
  }

  /// Tells of a failure once, and tries again later.
  private func fail(_ error: any Error) {
    let failure = (error as? ViewFailure) ?? ViewFailure(.io, "\(error)")
    if failure.code == .corrupt { ViewDatabase.remove(path) }
    let isNew = state.withLock { state in
      defer { state.failure = failure }
      return state.failure != failure && !state.isClosing
    }
    if isNew { report("the views are not kept for now: \(failure)") }
    if failure.code == .corrupt {
      noteCommit()
    } else {
      alarm.withLock { $0 }?.set(clock.now() + Self.pause)
    }
  }

  private func resumeWaiters(_ outcome: (ViewWaiter) -> Result<Void, ViewFailure>?) {
    let due = state.withLock { state in
      var due: [(ViewWaiter, Result<Void, ViewFailure>)] = []
      for (id, waiter) in state.waiters {
        guard let result = outcome(waiter) else { continue }
        state.waiters[id] = nil
        due.append((waiter, result))
      }
      return due
    }
    for (waiter, result) in due { waiter.continuation.resume(returning: result) }
  }
}
