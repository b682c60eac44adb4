// SPDX-License-Identifier: Apache-2.0

import Dispatching
import DurableLog
import EventModel
import EventSources
import PluginWire
import Testing

/// A dispatcher over a log in memory, with attempts that a test ends.
struct HeldBench {
  let clock: VirtualClock
  let runner = HeldAttempts()
  let log: InMemoryLog
  let dispatcher: Dispatcher

  /// Makes one; on the log of an earlier one, as a host that is started again.
  init(_ rules: String, after earlier: HeldBench? = nil) throws {
    clock = earlier?.clock ?? VirtualClock()
    log = earlier?.log ?? InMemoryLog(clock: clock)
    dispatcher = try TimedBench.dispatcher(rules, credit: 10, log, clock, runner)
    log.start(router: dispatcher, observer: dispatcher)
  }

  /// Appends events of a type, one for each key.
  func append(_ type: String, keys: [Int] = [1]) async throws {
    var intake = EventIntake(defaultSource: "test", clock: clock)
    var batch = EventBatch()
    for key in keys { try intake.append(CloudEvent(type: type, data: ["k": .number("\(key)")]), to: &batch) }
    try await log.submit(LogChange(events: batch))
  }

  func run(_ id: Int64 = 1) throws -> Run { try #require(try log.run(RunID(rawValue: id))) }

  func states() throws -> [RunState] {
    try log.runs(after: .start, states: Set(RunState.allCases), limit: 100).map(\.state)
  }

  /// All events of the log.
  func events() throws -> [JSONView] {
    let page = try log.events(from: .start, limit: 1000)
    return try page.entries.indices.map { try JSONDocument(Array(page.json($0))).root }
  }

  func types() throws -> [String?] { try events().map { $0["type"]?.string } }

  /// Takes the attempts that have begun, so many of them.
  func begun(_ count: Int) async -> [UInt64] {
    var tickets: [UInt64] = []
    while tickets.count < count { tickets += await runner.next().map(\.ticket) }
    return tickets.sorted()
  }

  /// Ends an attempt, and returns once the log knows it.
  func settle(_ ticket: UInt64, _ reply: RunReply) async throws {
    end(ticket, reply)
    while try run(Int64(ticket)).state == .running { await Task.yield() }
  }

  func end(_ ticket: UInt64, _ reply: RunReply = .ack(output: nil, emit: [])) {
    dispatcher.finished([(ticket, reply)])
  }
}
