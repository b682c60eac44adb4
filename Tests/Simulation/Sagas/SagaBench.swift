// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources
import Expressions
import PluginWire
import Rules

@testable import Dispatching

/// A run of a made-up rule whose attempts end in an order that chance decides.
// Unchecked: all of it is done by one thread.
final class SagaBench: AttemptRunner, @unchecked Sendable {
  /// What was done or taken back, in order, with whether it succeeded.
  struct Trace {
    let name: String
    let isUndo: Bool
    let succeeds: Bool
    let run: RunID
  }

  private(set) var trace: [Trace] = []
  let log: InMemoryLog
  private let clock = VirtualClock()
  private let queue = SimulatedQueue()
  private let chance: Chance
  private let succeeds: (_ name: String, _ isUndo: Bool) -> Bool
  private var open: [(ticket: UInt64, request: RunRequest)] = []
  private var dispatcher: Dispatcher?

  init(_ rules: RuleSet, _ chance: Chance, succeeds: @escaping (_ name: String, _ isUndo: Bool) -> Bool) {
    self.chance = chance
    self.succeeds = succeeds
    log = InMemoryLog(clock: clock)
    var surroundings = Dispatcher.Surroundings(
      log: log,
      clock: clock,
      scope: .empty,
      runner: self,
      fetchRules: { _ in nil },
      report: { _ in }
    )
    surroundings.queue = queue
    let dispatcher = Dispatcher(rules, credits: ["shop": 4], in: surroundings)
    log.start(router: dispatcher, observer: dispatcher)
    self.dispatcher = dispatcher
  }

  func begin(_ attempts: [PluginRun], by listener: String) {
    open += attempts.map { ($0.ticket, $0.request) }
  }

  /// What is asked to end may end in any way.
  func cancel(_ tickets: [UInt64], by listener: String) {}

  /// Lets the event happen that sets the rule going, and everything else until nothing happens any more.
  func run() throws {
    var intake = EventIntake(defaultSource: "test", clock: clock)
    var batch = EventBatch()
    try intake.append(CloudEvent(type: "go"), to: &batch)
    log.submit(LogChange(events: batch)) { _ in }
    while true {
      while !queue.isEmpty { queue.run() }
      guard !open.isEmpty else { break }
      try end(open.remove(at: chance.below(open.count)))
    }
    // What is joined to the dispatcher holds it, too.
    dispatcher = nil
  }

  private func end(_ attempt: (ticket: UInt64, request: RunRequest)) throws {
    let with = try JSONDocument(attempt.request.with).root
    let isUndo = with["do"] == nil
    let name = (with["do"] ?? with["undo"])?.string ?? ""
    let isDone = succeeds(name, isUndo)
    let run = RunID(rawValue: Int64(attempt.ticket))
    trace.append(Trace(name: name, isUndo: isUndo, succeeds: isDone, run: run))
    let reply: RunReply = isDone ? .ack(output: nil, emit: []) : .fail(message: "no")
    dispatcher?.finished([(attempt.ticket, reply)])
  }
}
