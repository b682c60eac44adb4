// SPDX-License-Identifier: Apache-2.0

import Dispatching
import DurableLog
import EventModel
import EventSources
import Expressions
import PluginWire
import Rules
import Synchronization
import Testing

/// The dispatcher on the log's reference, with attempts that end when a test says so.
@Suite struct DispatcherTests {
  private static let rules = """
    rules:
      ship:
        trigger: { type: order.paid }
        actions:
          - { id: pick, uses: shop.pick, retry: { attempts: 2, initial: 3s, jitter: 0 } }
      chain:
        trigger: { type: order.made }
        actions:
          - { id: pick, uses: shop.pick }
          - { emit: { type: order.paid, subject: "${{ steps.pick.output }}" } }
    """

  /// A dispatcher and what it was made with.
  private struct Bench {
    let clock = VirtualClock()
    let runner = HeldAttempts()
    let log: InMemoryLog
    let dispatcher: Dispatcher

    init(credit: Int = 2, log: InMemoryLog? = nil, rules: String = DispatcherTests.rules) throws {
      self.log = log ?? InMemoryLog(clock: clock)
      let file = RuleFile(name: "r.yaml", bytes: Array(rules.utf8))
      let set = try #require(RuleLoader.load([file], actions: TestPlugins(), sources: NoSources()).rules)
      dispatcher = Dispatcher(
        set,
        credits: ["shop": credit],
        in: .init(
          log: self.log,
          clock: clock,
          scope: .empty,
          runner: runner,
          fetchRules: { _ in nil },
          report: { _ in }
        )
      )
      self.log.start(router: dispatcher, observer: dispatcher)
    }

    func append(_ type: String, count: Int = 1) async throws {
      var intake = EventIntake(defaultSource: "test", clock: clock)
      var batch = EventBatch()
      for _ in 0..<count { try intake.append(CloudEvent(type: type), to: &batch) }
      try await log.submit(LogChange(events: batch))
    }

    func states() throws -> [RunState] {
      try log.runs(after: .start, states: Set(RunState.allCases), limit: 100_000).map(\.state)
    }

    func types() throws -> [String?] {
      let page = try log.events(from: .start, limit: 1000)
      return try page.entries.indices.map { try JSONDocument(Array(page.json($0))).root["type"]?.string }
    }
  }

  private static let success = RunReply.ack(output: Array(#""box""#.utf8), emit: [])

  @Test func `makes the attempts of matched events, and never more at once than there is credit`()
    async throws
  {
    let bench = try Bench()
    try await bench.append("order.paid", count: 5)
    try await bench.append("other")
    var seen = 0
    while seen < 5 {
      let attempts = await bench.runner.next()
      seen += attempts.count
      #expect(attempts.count <= 2)
      bench.dispatcher.finished(attempts.map { ($0.ticket, Self.success) })
    }
    await bench.dispatcher.waitUntilIdle()
    #expect(try bench.states() == Array(repeating: .done, count: 5))
  }

  @Test func `works off a backlog that does not fit into memory, in order`() async throws {
    let bench = try Bench(credit: 64)
    try await bench.append("order.paid", count: 5000)
    var tickets: [UInt64] = []
    while tickets.count < 5000 {
      let attempts = await bench.runner.next()
      tickets += attempts.map(\.ticket)
      bench.dispatcher.finished(attempts.map { ($0.ticket, Self.success) })
    }
    await bench.dispatcher.waitUntilIdle()
    #expect(tickets == Array(1...5000))
    #expect(try bench.states().allSatisfy { $0 == .done })
  }

  @Test func `a step's output and the event it emits are committed together, and the event is routed`()
    async throws
  {
    let bench = try Bench()
    try await bench.append("order.made")
    for _ in 0..<2 {
      let attempts = await bench.runner.next()
      bench.dispatcher.finished(attempts.map { ($0.ticket, Self.success) })
    }
    await bench.dispatcher.waitUntilIdle()
    #expect(try bench.types() == ["order.made", "order.paid"])
    #expect(try bench.states() == [.done, .done])
    let paid = try JSONDocument(Array(bench.log.events(from: LogPosition(rawValue: 2), limit: 1).json(0)))
      .root
    #expect(paid["subject"]?.string == "box" && paid["hops"]?.int == 1)
  }

  @Test func `tries again when the pause is over, then gives up with a notice`() async throws {
    let bench = try Bench()
    try await bench.append("order.paid")
    let first = await bench.runner.next()
    #expect(first.map(\.request.attempt) == [1])
    bench.dispatcher.finished([(first[0].ticket, .retry(message: "not now", after: nil))])
    await bench.clock.waitForSleeper()
    #expect(try bench.states() == [.waiting])
    bench.clock.advance(by: .seconds(3))
    let second = await bench.runner.next()
    #expect(second.map(\.request.attempt) == [2])
    #expect(second[0].request.key == first[0].request.key)
    bench.dispatcher.finished([(second[0].ticket, .retry(message: "never", after: nil))])
    await bench.dispatcher.waitUntilIdle()
    #expect(try bench.states() == [.dead])
    #expect(try bench.types() == ["order.paid", "earshot.delivery.dead"])
  }

  @Test func `a dead run that is tried again begins anew`() async throws {
    let bench = try Bench()
    try await bench.append("order.paid")
    let first = await bench.runner.next()
    bench.dispatcher.finished([(first[0].ticket, .fail(message: "no"))])
    await bench.dispatcher.waitUntilIdle()
    let run = try #require(try bench.log.run(RunID(rawValue: 1)))
    #expect(try await bench.dispatcher.revive([run]) == [true])
    let second = await bench.runner.next()
    #expect(second.map(\.request.attempt) == [1])
    #expect(try await bench.dispatcher.drop([run]) == [false], "the run is under way")
  }

  @Test func `what an earlier host left is taken up`() async throws {
    let log = InMemoryLog(clock: VirtualClock())
    let before = try Bench(credit: 2, log: log)
    try await before.append("order.paid", count: 4)
    _ = await before.runner.next()
    #expect(try before.states() == [.running, .running, .pending, .pending])
    let after = try Bench(credit: 4, log: log)
    try await after.dispatcher.recover()
    var attempts: [UInt64: Int] = [:]
    while attempts.count < 4 {
      let next = await after.runner.next()
      for attempt in next { attempts[attempt.ticket] = attempt.request.attempt }
      after.dispatcher.finished(next.map { ($0.ticket, Self.success) })
    }
    await after.dispatcher.waitUntilIdle()
    #expect(attempts == [1: 2, 2: 2, 3: 1, 4: 1])
    #expect(try after.states().allSatisfy { $0 == .done })
  }

  @Test func `an outcome that is told twice gives credit back once`() async throws {
    let bench = try HeldBench("rules: { r: { trigger: { type: x }, actions: { uses: shop.pick } } }")
    try await bench.append("x")
    let ticket = await bench.runner.next()[0].ticket
    bench.dispatcher.finished([(ticket, Self.success), (ticket, Self.success)])
    bench.dispatcher.finished([(ticket, Self.success)])
    await bench.dispatcher.waitUntilIdle()
    try await bench.append("x", keys: Array(1...12))
    #expect(await bench.runner.next().count == 10)
  }

  @Test func `once it is stopping nothing is handed out, and what waits stays in the log`() async throws {
    let bench = try Bench()
    bench.dispatcher.quiesce()
    try await bench.append("order.paid", count: 3)
    await bench.dispatcher.waitUntilIdle()
    #expect(try bench.states() == [.pending, .pending, .pending])
  }
}
