// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Expressions
import PluginWire
import Rules
import Synchronization

@testable import Dispatching

/// What rules have done with made-up events, in a log in memory: what a backtest is made of.
final class RecordedWorld {
  let log: InMemoryLog
  private let clock: VirtualClock
  private let queue = PieceQueue()
  private let listeners: MadeUpListeners
  private let dispatcher: Dispatcher
  private let chance: Chance

  /// Records what rules do with some events; actions take their time if they are not `prompt`.
  init(_ rules: RuleSet, events: Int, seed: UInt64, prompt: Bool) async throws {
    chance = Chance(seed: seed)
    clock = VirtualClock(Timestamp(seconds: 1_700_000_000))
    log = InMemoryLog(clock: clock)
    listeners = MadeUpListeners(log.clock, chance, isPrompt: prompt)
    var surroundings = Dispatcher.Surroundings(
      log: log,
      clock: clock,
      scope: .empty,
      runner: listeners,
      fetchRules: { _ in nil },
      report: { _ in }
    )
    surroundings.isDriven = true
    surroundings.queue = queue
    surroundings.random = SeededRandom(seed: seed)
    let names = Set(rules.rules.flatMap { $0.steps.map(\.listener) })
    let credits = Dictionary(uniqueKeysWithValues: names.map { ($0, 1_000_000) })
    dispatcher = Dispatcher(rules, credits: credits, in: surroundings)
    log.start(router: dispatcher, observer: dispatcher)
    for number in 0..<events {
      pass(
        chance.one(of: [.microseconds(1), .milliseconds(1), .milliseconds(700), .seconds(4), .seconds(50)])
      )
      let batch = try makeUp(number)
      try await log.submit(LogChange(events: batch))
      settle()
    }
    pass(.seconds(7200))
  }

  /// How often each rule has fired.
  func firings() throws -> [String: Int] {
    let runs = try log.runs(after: .start, states: Set(RunState.allCases), limit: .max)
    return runs.filter { $0.branch == nil }.reduce(into: [:]) { $0[$1.rule, default: 0] += 1 }
  }

  var end: Timestamp { clock.now() }

  private func makeUp(_ number: Int) throws -> EventBatch {
    var batch = EventBatch()
    var intake = EventIntake(defaultSource: "world", clock: clock)
    for _ in 0..<chance.one(of: [1, 1, 1, 3]) {
      var data: [JSONValue.Member] = [
        .init("n", .number("\(number)")), .init("k", .number("\(chance.below(3))")),
      ]
      if chance.once(in: 2) { data.append(.init("odd", .bool(number % 2 == 1))) }
      let type = chance.one(of: ["a", "b", "c", "a", "b", "d.x"])
      try intake.append(CloudEvent(type: type, data: .object(data)), to: &batch)
    }
    return batch
  }

  private func pass(_ duration: Duration) {
    let goal = log.clock.now() + duration
    while let next = [listeners.next, dispatcher.alarm.withLock({ $0?.instant })].compactMap({ $0 }).min(),
      next <= goal
    {
      advance(to: next)
      dispatcher.alarm.withLock { $0 }?.ring(at: log.clock.now())
      settle()
    }
    advance(to: goal)
  }

  private func advance(to instant: Timestamp) {
    let now = log.clock.now()
    if instant > now { clock.advance(by: .microseconds((instant - now).microseconds + 1)) }
  }

  private func settle() {
    while true {
      queue.drain()
      let ended = listeners.take()
      guard !ended.isEmpty else { return }
      dispatcher.finished(ended)
    }
  }
}

/// Listeners whose attempts end after a while, in one way or another; or at once and well.
private final class MadeUpListeners: AttemptRunner {
  private let clock: SteadyClock
  private let chance: Chance
  private let isPrompt: Bool
  private let open = Mutex<[(due: Timestamp, outcome: AttemptOutcome)]>([])

  init(_ clock: SteadyClock, _ chance: Chance, isPrompt: Bool) {
    self.clock = clock
    self.chance = chance
    self.isPrompt = isPrompt
  }

  func begin(_ attempts: [PluginRun], by listener: String) {
    for attempt in attempts {
      let pause = isPrompt ? 0 : chance.one(of: [0, 1, 300, 5000])
      let output = Array(#"{"said":\#(chance.below(100))}"#.utf8)
      let reply: RunReply =
        switch isPrompt ? 9 : chance.below(10) {
        case 0: .fail(message: "no")
        case 1: .retry(message: "not yet", after: nil)
        case 2: .ack(output: output, emit: [Array(#"{"type":"p","data":{"n":1,"k":2}}"#.utf8)])
        default: .ack(output: output, emit: [])
        }
      let due = clock.now() + .milliseconds(pause)
      open.withLock { $0.append((due, (attempt.ticket, reply))) }
    }
  }

  func cancel(_ tickets: [UInt64], by listener: String) {
    let now = clock.now()
    open.withLock { open in
      for index in open.indices where tickets.contains(open[index].outcome.ticket) {
        open[index] = (now, (open[index].outcome.ticket, .fail(message: "cancelled")))
      }
    }
  }

  var next: Timestamp? { open.withLock { $0.lazy.map(\.due).min() } }

  /// What has ended by now, each in its turn.
  func take() -> [AttemptOutcome] {
    let now = clock.now()
    return open.withLock { open in
      let ended = open.filter { $0.due <= now }
      open.removeAll { $0.due <= now }
      return ended.map(\.outcome)
    }
  }
}
