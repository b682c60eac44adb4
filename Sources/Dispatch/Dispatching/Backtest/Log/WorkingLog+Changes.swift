// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources

/// Changes.
extension WorkingLog {
  /// Commits a change at once.
  func submit(_ change: LogChange, completion: @escaping @Sendable (Result<LogReceipt, LogFailure>) -> Void) {
    do throws(LogFailure) {
      var receipt = LogReceipt()
      try perform { receipt = try make(change) }
      completion(.success(receipt))
    } catch {
      completion(.failure(error))
    }
  }

  /// Does something at the present time; an error is the end of the log.
  func perform(_ body: () throws -> Void) throws(LogFailure) {
    if let failure { throw failure }
    time = clock.reading()
    runs.now = time.civil
    do { try body() } catch {
      let failure = error as? LogFailure ?? LogFailure(.io, "\(error)")
      self.failure = failure
      throw failure
    }
    for run in runs.takeEnded() {
      guard var firing = firings.removeValue(forKey: run.id) else { continue }
      firing.end(as: run.state)
      ended.append(firing)
    }
  }

  private func make(_ change: LogChange) throws -> LogReceipt {
    var receipt = LogReceipt()
    for change in change.runs {
      let consequences = try runs.follow(change)
      receipt.runChanges.append(consequences != nil)
      receipt.add(consequences)
    }
    for (index, fork) in change.forks where receipt.runChanges[index] {
      receipt.add(try begin(fork, of: change.runs[index].run))
    }
    for (index, event) in change.awaits where receipt.runChanges[index] {
      // What was cancelled meanwhile is not held.
      guard let run = runs[change.runs[index].run], run.state == .waiting else { continue }
      runs.wait(run.id, for: event)
      try router?.lookBack(for: event, of: run, at: time, in: self)
    }
    if !news.runs.isEmpty || !news.cancelled.isEmpty || news.due != nil { commit(EventBatch(), []) }
    for wish in change.windows { receipt.windows.append(try grant(wish)) }
    var makers: [RunID?] = Array(repeating: nil, count: change.events.count)
    for (index, events) in change.outcomes where receipt.runChanges[index] {
      makers += Array(repeating: change.runs[index].run, count: events.count)
    }
    guard !makers.isEmpty else { return receipt }
    let (batch, outcomes) = try append(change.allEvents(receipt.runChanges)) { makers[$0] }
    receipt.outcomes = outcomes
    try follow(batch, outcomes)
    return receipt
  }

  /// Does what is wished with windows; says whether there was one.
  private func grant(_ wish: WindowWish) throws -> Bool {
    if case .open(let owner, let key, let due, let content, let oldest) = wish {
      guard windows.window(of: owner, key: key) == nil else { return false }
      open(owner: owner, key: key, due: due, content: content, oldest: oldest)
      return true
    }
    let found = windows.windows(for: wish, at: time.steady)
    var events = EventBatch()
    for window in found {
      if let router { events.append(try router.change(window, wish, at: time, in: self)) }
    }
    commit(EventBatch(), [])
    if !events.isEmpty {
      let (batch, outcomes) = try append(events) { _ in nil }
      try follow(batch, outcomes)
    }
    return !found.isEmpty
  }

  func commit(_ events: EventBatch, _ outcomes: [AppendOutcome]) {
    let commit = Commit(
      events: events,
      outcomes: outcomes,
      recorded: time.civil,
      runs: news.runs,
      cancelled: news.cancelled,
      due: news.due
    )
    news = ([], [], nil)
    observer?.committed(commit)
  }

  /// Makes the branches for which a run begins to wait.
  private func begin(_ fork: Fork, of run: RunID) throws -> Consequences {
    // What was cancelled meanwhile is not held.
    guard runs[run]?.state == .waiting else { return Consequences() }
    var consequences = Consequences()
    for change in fork.changes {
      guard let further = try runs.follow(change), let changed = runs[change.run] else { continue }
      consequences.add(further)
      if changed.state == .pending { consequences.released.append(changed) }
    }
    for new in fork.branches {
      let made = add(new)
      guard made.state == .pending else { continue }
      if let turn = made.turn, runs.isTaken(turn: turn, besides: made.id) {
        runs.set(.behind, of: made.id)
      } else {
        consequences.released.append(made)
      }
    }
    consequences.add(try runs.beginJoin(of: run, needed: fork.needed))
    return consequences
  }
}
