// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import HeapModule
import PluginWire
import Rules
import Synchronization

/// Ends attempts as they ended in the past, at the time at which they did; those that were never made succeed at once, without an
/// output.
final class StubbedActions: AttemptRunner {
  private struct Ending: Comparable {
    let due: Timestamp
    let order: Int
    let ticket: UInt64
    let reply: RunReply

    static func == (left: Ending, right: Ending) -> Bool { left.order == right.order }
    static func < (left: Ending, right: Ending) -> Bool { (left.due, left.order) < (right.due, right.order) }
  }

  private struct State {
    var endings = Heap<Ending>()
    var open: Set<UInt64> = []
    var order = 0
    var failure: LogFailure?
  }

  private let log: WorkingLog
  private let dispatcher = Mutex<Dispatcher?>(nil)
  private let state = Mutex(State())

  init(_ log: WorkingLog) { self.log = log }

  /// Names the dispatcher that knows which steps are under way.
  func answer(to dispatcher: Dispatcher) { self.dispatcher.withLock { $0 = dispatcher } }

  /// The step that is under way under a ticket.
  private func step(_ ticket: UInt64) -> CurrentStep? {
    dispatcher.withLock { $0 }?.open.withLock { $0[ticket]?.step }
  }

  func begin(_ attempts: [PluginRun], by listener: String) {
    for attempt in attempts {
      do throws(LogFailure) {
        let past =
          if let step = step(attempt.ticket) { try ending(of: step) } else { RecordedRuns.Ending?.none }
        let now = log.clock.reading()
        let rest = past.map { max(.zero, $0.time - now.civil) } ?? .zero
        add(attempt.ticket, past?.reply ?? .ack(output: nil, emit: []), due: now.steady + rest)
      } catch {
        state.withLock { $0.failure = error }
      }
    }
  }

  /// How a step ended in the past.
  private func ending(of step: CurrentStep) throws(LogFailure) -> RecordedRuns.Ending? {
    var branches: [Branch] = []
    var run = step.run
    while let branch = run.branch, let parent = log.runs[branch.parent] {
      branches.insert(branch, at: 0)
      run = parent
    }
    guard let recorded = log.runs.facts(run.id)?.recorded else { return nil }
    return try log.past.ending(of: step.step.id, in: recorded, branches: branches)
  }

  private func add(_ ticket: UInt64, _ reply: RunReply, due: Timestamp) {
    state.withLock { state in
      state.order += 1
      state.open.insert(ticket)
      state.endings.insert(Ending(due: due, order: state.order, ticket: ticket, reply: reply))
    }
  }

  func cancel(_ tickets: [UInt64], by listener: String) {
    let now = log.clock.now()
    for ticket in tickets where state.withLock({ $0.open.contains(ticket) }) {
      add(ticket, .fail(message: "it was cancelled"), due: now)
    }
  }

  /// When the next attempt ends.
  var next: Timestamp? { state.withLock { $0.endings.min?.due } }

  /// The attempts that have ended by now; each once.
  func take(at now: Timestamp) throws -> [AttemptOutcome] {
    try state.withLock { state in
      if let failure = state.failure { throw failure }
      var ended: [AttemptOutcome] = []
      while let first = state.endings.min, first.due <= now {
        state.endings.removeMin()
        if state.open.remove(first.ticket) != nil { ended.append((first.ticket, first.reply)) }
      }
      return ended
    }
  }
}
