// SPDX-License-Identifier: Apache-2.0

import Dispatch
public import DurableLog
import EventModel
import PluginWire
import Rules
import Synchronization

/// Runs that come back: after a restart, after a pause, by a person's wish.
extension Dispatcher {
  private static let pageLimit = 500

  /// Takes up what an earlier host has left; to be called once, after the log has started.
  public func recover() async throws {
    try await settleInterruptedRuns()
    for listener in try surroundings.log.pendingListeners() {
      lanes.withLock { $0.expectWork(of: listener) }
    }
    wakeDueRuns()
    queue.async { [self] in goOn() }
  }

  /// An attempt whose outcome is not known counts as failed; the rule says what then.
  private func settleInterruptedRuns() async throws {
    var after = RunID.start
    while true {
      let runs = try surroundings.log.runs(after: after, states: [.running], limit: Self.pageLimit)
      guard let last = runs.last else { return }
      after = last.id
      var change = LogChange()
      for work in try surroundings.log.work(of: runs.map(\.id)) {
        let settlement = interruption(of: work)
        change.runs.append(settlement.change)
        change.events.append(settlement.events)
      }
      try await surroundings.log.submit(change)
    }
  }

  private func interruption(of work: RunWork) -> Settlement {
    guard let step = step(of: work) else {
      return Settlement(change: .die(work.run.id, failure: Self.lostRule(work.run)), events: EventBatch())
    }
    var random = SystemRandomNumberGenerator()
    return step.settlement(
      .retry(message: "the host ended during the attempt", after: 0),
      clock: surroundings.clock,
      random: &random
    )
  }

  /// Lets runs whose pause is over wait for their listener again, and sets the alarm for the next one.
  func wakeDueRuns() {
    queue.async { [self] in
      do throws(LogFailure) {
        let due = try surroundings.log.dueRuns(at: surroundings.clock.now(), limit: Self.pageLimit)
        guard !due.isEmpty else {
          alarm.withLock { $0 }?.set(try surroundings.log.nextDue())
          return
        }
        put(due.map { ($0, .wake($0.id)) }) { [self] result in
          guard case .failure(let failure) = result else { return wakeDueRuns() }
          if !failure.isFatal { alarm.withLock { $0 }?.set(surroundings.clock.now() + .seconds(1)) }
        }
      } catch {
        surroundings.report("\(error); due runs are not read")
      }
    }
  }

  /// Tries dead runs again, from their current step; says for each whether it was dead.
  public func revive(_ runs: [Run]) async throws -> [Bool] {
    try await withCheckedThrowingContinuation { continuation in
      put(runs.map { ($0, .revive($0.id)) }) { continuation.resume(with: $0) }
    }
  }

  /// Gives dead runs up; says for each whether it was dead.
  public func drop(_ runs: [Run]) async throws -> [Bool] {
    try await surroundings.log.submit(LogChange(runs: runs.map { .drop($0.id) })).runChanges
  }

  /// Commits changes that make runs pending, and notes that these wait for their listeners.
  private func put(
    _ changes: [(run: Run, change: RunChange)],
    then: @escaping @Sendable (Result<[Bool], LogFailure>) -> Void
  ) {
    surroundings.log.submit(LogChange(runs: changes.map(\.change))) { [self] result in
      queue.async { [self] in
        if case .success(let receipt) = result {
          lanes.withLock { lanes in
            for (change, isDone) in zip(changes, receipt.runChanges) where isDone {
              lanes.add(change.run.id, for: change.run.listener)
            }
          }
          goOn()
        }
        then(result.map(\.runChanges))
      }
    }
  }
}
