// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources
import Failpoints

/// Applies changes inside a transaction, and gathers what is to be told when it has been committed.
struct ChangeApplication {
  let writer: LogWriter
  let router: any EventRouter
  /// What is to be told, in order.
  private(set) var commits: [Commit] = []
  /// Whether something was to be erased, of which nothing may be left on the disk.
  private(set) var hasErased = false

  init(writer: LogWriter, router: any EventRouter) {
    self.writer = writer
    self.router = router
  }

  mutating func apply(_ change: LogChange, at time: SteadyClock.Reading) throws -> LogReceipt {
    writer.time = time
    var receipt = LogReceipt()
    receipt.conflict = try writer.take(change.preconditions)
    guard receipt.conflict == nil else { return receipt }
    let (results, consequences) = try writer.apply(change.runs)
    receipt.runChanges = results
    receipt.add(consequences)
    for (index, fork) in change.forks where receipt.runChanges[index] {
      receipt.add(try writer.fork(fork, of: change.runs[index].run))
    }
    for (index, entry) in change.history where receipt.runChanges[index] {
      try writer.history.append(entry, of: change.runs[index].run)
    }
    for (index, event) in change.awaits where receipt.runChanges[index] {
      guard let run = try writer.note(awaiting: event, of: change.runs[index].run) else { continue }
      try router.lookBack(for: event, of: run, at: writer.time, in: writer)
    }
    if !writer.made.runs.isEmpty { note(EventBatch(), []) }
    if let source = change.source { try writer.apply(change.checkpoint, of: source) }
    for wish in change.windows { receipt.windows.append(try grant(wish)) }
    if let pruning = change.pruning { receipt.pruned = try writer.prune(pruning) }
    if let erasure = change.erasure { receipt.erased = try erase(erasure) }
    if let imported = change.imported {
      receipt.imported = try writer.append(imported)
      note(imported.events, receipt.imported)
    }
    receipt.outcomes = try append(change.allEvents(receipt.runChanges))
    return receipt
  }

  /// Erases events, and appends the event that tells of it.
  private mutating func erase(_ wish: Erasure) throws -> ErasureOutcome {
    hasErased = true
    let (outcome, notice) = try writer.erase(wish)
    Failpoint.erasing.pass()
    guard let position = outcome.notice else { return outcome }
    guard try append(notice) == [.appended(position)] else {
      throw LogFailure(.corrupt, "the event that tells of what was erased is in the log already")
    }
    return outcome
  }

  /// Does what is wished with windows; false when there was none.
  private mutating func grant(_ wish: WindowWish) throws -> Bool {
    if case .open(let owner, let key, let due, let content, let oldest) = wish {
      guard try writer.window(of: owner, key: key) == nil else { return false }
      try writer.open(owner: owner, key: key, due: due, content: content, oldest: oldest)
      return true
    }
    let windows = try writer.windows.windows(for: wish, at: writer.time.steady) { try writer.id(of: $0) }
    var events = EventBatch()
    for window in windows { events.append(try router.change(window, wish, at: writer.time, in: writer)) }
    note(EventBatch(), [])
    _ = try append(events)
    Failpoint.windowClosed.pass()
    return !windows.isEmpty
  }

  /// Appends events, and what follows from them as long as anything does.
  private mutating func append(_ events: EventBatch) throws -> [AppendOutcome] {
    var first: [AppendOutcome] = []
    var batch = events
    while !batch.isEmpty {
      let outcomes = try writer.append(batch)
      let next = try router.route(batch, outcomes: outcomes, at: writer.time, in: writer)
      if first.isEmpty { first = outcomes }
      note(batch, outcomes)
      batch = next
    }
    return first
  }

  /// Notes what is to be told of a batch.
  private mutating func note(_ events: EventBatch, _ outcomes: [AppendOutcome]) {
    commits.append(
      Commit(
        events: events,
        outcomes: outcomes,
        recorded: writer.time.civil,
        runs: writer.made.runs,
        cancelled: writer.made.cancelled,
        due: writer.made.due
      )
    )
    writer.made = ([], [], nil)
  }
}
