// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import PluginWire
import Rules
import Synchronization

/// Runs that come back: after a restart, after a pause, by a person's wish.
extension Dispatcher {
  private static let pageLimit = 500

  /// Takes up what an earlier host has left; to be called once, after the log has started.
  public func recover() async throws {
    let suspects = try await settleInterruptedRuns()
    let pending = try surroundings.log.pendingLanes().sorted {
      ($0.listener, $0.rule) < ($1.listener, $1.rule)
    }
    lanes.withLock { lanes in for lane in pending { lanes.expectWork(of: lane) } }
    catchUp()
    passTime()
    guard suspects.isEmpty else { return isolate(suspects) }
    lanes.withLock { $0.isIsolating = false }
    queue.async { [self] in goOn() }
  }

  /// Lets no attempt begin until `recover` is done; to be called before the log starts.
  ///
  /// What is under way when `recover` looks is what an earlier host has left.
  public func hold() { lanes.withLock { $0.isIsolating = true } }

  /// Settles attempts that were under way when the host ended, and gives the suspects.
  ///
  /// How they ended is not known.
  private func settleInterruptedRuns() async throws -> [RunID] {
    var after = RunID.start
    while true {
      let states: Set<RunState> = [.running, .cancelling]
      let runs = try surroundings.log.runs(after: after, states: states, limit: Self.pageLimit)
      guard let last = runs.last else { break }
      after = last.id
      var change = LogChange()
      for work in try surroundings.log.work(of: runs.map(\.id)) {
        let (settlement, entry) = try interruption(of: work)
        change.append(settlement.change, settlement.events, entry)
      }
      try await surroundings.log.submit(change)
    }
    return try suspects()
  }

  private func interruption(of work: RunWork) throws -> (Settlement, HistoryEntry?) {
    guard let step = try step(of: work) else {
      return (givingUp(work.run, work.event, because: Self.lostRule(work.run)), nil)
    }
    if step.onlyTakesBack {
      let now = surroundings.log.clock.now()
      let change = RunChange.interrupt(work.run.id, due: now, failure: "the host ended")
      return (Settlement(change: change, events: EventBatch()), nil)
    }
    let settlement = interruption(of: step)
    return (settlement, entry(of: step, settlement.outcome, input: nil))
  }

  private func interruption(of step: CurrentStep) -> Settlement {
    var random = surroundings.random
    let interruptions = step.run.interruptions + 1
    guard interruptions < Suspicion.mostInterruptions else {
      let reason = "quarantined: the host has ended \(interruptions) times while it was under way"
      return settlement(of: step, .reply(.fail(message: reason)), random: &random)
    }
    let settlement = settlement(of: step, .unknown("the host ended during the attempt"), random: &random)
    guard case .retry(let run, _, let failure) = settlement.change else { return settlement }
    let pause = interruptions < Suspicion.threshold ? Duration.zero : Suspicion.patience
    let due = surroundings.log.clock.now() + pause
    return Settlement(
      change: .interrupt(run, due: due, failure: failure),
      events: settlement.events,
      outcome: StepOutcome(.interrupted, reason: failure)
    )
  }

  /// Does what is due by now, and sets the alarm for what is due next.
  func passTime() {
    queue.async { [self] in
      wakeDueRuns { _ in }
      closeDueWindows { _ in }
      probeLanes()
      beginWaiting()
    }
  }

  /// Does what is due by now, and returns when nothing is any more; for trials and simulations.
  public func workOffDue() async {
    await withCheckedContinuation { continuation in
      queue.async { [self] in wakeDueRuns { _ in continuation.resume() } }
    }
    await withCheckedContinuation { continuation in
      queue.async { [self] in closeDueWindows { _ in continuation.resume() } }
    }
    queue.async { [self] in _ = beginWaiting() }
    await waitUntilIdle()
  }

  /// Lets runs whose pause is over wait for their listener again; on the queue.
  private func wakeDueRuns(then: @escaping @Sendable (LogFailure?) -> Void) {
    do throws(LogFailure) {
      let log = surroundings.log
      let due = try log.dueRuns(at: log.clock.now(), limit: Self.pageLimit)
      guard !due.isEmpty else {
        alarm.withLock { $0 }?.set(try log.nextDue())
        return then(nil)
      }
      put(due.map { ($0, .wake($0.id)) }) { [self] result in
        if case .failure(let failure) = result { return postpone(failure, then) }
        wakeDueRuns(then: then)
      }
    } catch {
      surroundings.report("\(error); due runs are not read")
      postpone(error, then)
    }
  }

  /// Closes windows that are due; on the queue.
  private func closeDueWindows(then: @escaping @Sendable (LogFailure?) -> Void) {
    do throws(LogFailure) {
      let log = surroundings.log
      guard let due = try log.nextWindowDue() else { return then(nil) }
      guard due <= log.clock.now() else {
        alarm.withLock { $0 }?.set(due)
        return then(nil)
      }
      log.submit(LogChange(windows: [.closeDue(limit: Self.pageLimit)])) { [self] result in
        queue.async { [self] in
          if case .failure(let failure) = result { return postpone(failure, then) }
          closeDueWindows(then: then)
        }
      }
    } catch {
      surroundings.report("\(error); due windows are not read")
      postpone(error, then)
    }
  }

  /// What could not be read or committed is tried again soon, unless the log is at its end.
  private func postpone(_ failure: LogFailure, _ then: (LogFailure?) -> Void) {
    // A log that cannot be written any more has ended the host.
    if failure.code != .closed { alarm.withLock { $0 }?.set(surroundings.log.clock.now() + .seconds(1)) }
    then(failure)
  }

  /// Commits changes that make runs pending, and notes that these wait for their listeners.
  func put(
    _ changes: [(run: Run, change: RunChange)],
    _ entries: [HistoryEntry?] = [],
    then: @escaping @Sendable (Result<[Bool], LogFailure>) -> Void
  ) {
    var all = LogChange()
    for (index, change) in changes.enumerated() {
      all.append(change.change, EventBatch(), entries.isEmpty ? nil : entries[index])
    }
    surroundings.log.submit(all) { [self] result in
      queue.async { [self] in
        if case .success(let receipt) = result {
          note(receipt)
          lanes.withLock { lanes in
            for (change, isDone) in zip(changes, receipt.runChanges) where isDone {
              lanes.add(change.run.id, to: change.run.lane)
            }
          }
          goOn()
        }
        then(result.map(\.runChanges))
      }
    }
  }
}
