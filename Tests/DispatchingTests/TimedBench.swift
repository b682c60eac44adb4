// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Dispatching
import DurableLog
import EventModel
import EventSources
import Expressions
import PluginWire
import Rules
import Synchronization
import Testing

/// Attempts that end at once with success, and what was asked of them.
final class PromptAttempts: AttemptRunner {
  private let requests = Mutex<[RunRequest]>([])
  private let dispatcher = Mutex<Dispatcher?>(nil)

  func answer(to dispatcher: Dispatcher) { self.dispatcher.withLock { $0 = dispatcher } }

  func begin(_ attempts: [PluginRun], by listener: String) {
    requests.withLock { $0 += attempts.map(\.request) }
    dispatcher.withLock { $0 }?.finished(attempts.map { ($0.ticket, .ack(output: nil, emit: [])) })
  }

  func cancel(_ tickets: [UInt64], by listener: String) {}

  /// The parameters that were given since the last call.
  func take() -> [JSONValue] {
    let taken = requests.withLock { requests in
      defer { requests = [] }
      return requests
    }
    return taken.compactMap { try? JSONValue(json: $0.with) }
  }
}

/// A dispatcher over a log in memory whose time a test lets pass.
struct TimedBench {
  let clock: VirtualClock
  let log: InMemoryLog
  let runner = PromptAttempts()
  let dispatcher: Dispatcher

  init(_ rules: String, after earlier: TimedBench? = nil) throws {
    clock = earlier?.clock ?? VirtualClock()
    log = earlier?.log ?? InMemoryLog(clock: clock)
    dispatcher = try Self.dispatcher(rules, credit: 100, log, clock, runner)
    runner.answer(to: dispatcher)
    log.start(router: dispatcher, observer: dispatcher)
  }

  /// A dispatcher of rules for tests.
  static func dispatcher(
    _ rules: String,
    credit: Int,
    _ log: InMemoryLog,
    _ clock: VirtualClock,
    _ runner: any AttemptRunner
  ) throws -> Dispatcher {
    Dispatcher(
      try set(rules),
      credits: ["shop": credit],
      in: .init(
        log: log,
        clock: clock,
        scope: .empty,
        runner: runner,
        fetchRules: { _ in nil },
        report: { _ in }
      )
    )
  }

  static func set(_ rules: String) throws -> RuleSet {
    let file = RuleFile(name: "r.yaml", bytes: Array(rules.utf8))
    let (set, bag) = RuleLoader.load([file], actions: TestPlugins(), sources: NoSources())
    return try #require(set, "\(bag.diagnostics.map(\.message))")
  }

  /// Appends events of a type, one for each piece of data, at once.
  func append(_ type: String, _ data: JSONValue...) async throws {
    var intake = EventIntake(defaultSource: "test", clock: clock)
    var batch = EventBatch()
    for data in data { try intake.append(CloudEvent(type: type, data: data), to: &batch) }
    try await log.submit(LogChange(events: batch))
    await dispatcher.waitUntilIdle()
  }

  /// Lets time pass at once; what became due meanwhile is done at its end.
  func pass(_ duration: Duration) async {
    clock.advance(by: duration)
    await dispatcher.workOffDue()
  }

  func decisions(_ position: Int64) throws -> [Decision.Kind] {
    try log.decisions(of: LogPosition(rawValue: position)).map(\.kind)
  }

  func states() throws -> [RunState] {
    try log.runs(after: .start, states: Set(RunState.allCases), limit: 1000).map(\.state)
  }
}
