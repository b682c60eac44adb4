// SPDX-License-Identifier: Apache-2.0

import Dispatching
import DurableLog
import EventModel
import EventSources
import Expressions
import PluginWire
import Rules
import Testing

/// Attempts of which nobody knows how they ended.
@Suite struct UncertaintyTests {
  private struct Bench {
    let clock: VirtualClock
    let runner = HeldAttempts()
    let log: InMemoryLog
    let dispatcher: Dispatcher

    init(_ action: String, _ policy: String = "ask", after earlier: Bench? = nil) throws {
      clock = earlier?.clock ?? VirtualClock()
      log = earlier?.log ?? InMemoryLog(clock: clock)
      let rules = """
        rules:
          r:
            trigger: { type: x }
            on_uncertain: \(policy)
            actions:
              - { id: first, uses: shop.\(action), retry: { attempts: 9, initial: 1s, jitter: 0 } }
              - { id: second, uses: shop.pick }
        """
      dispatcher = Dispatcher(
        try TimedBench.set(rules),
        credits: ["shop": 10],
        in: .init(
          log: log,
          clock: clock,
          scope: .empty,
          runner: runner,
          fetchRules: { _ in nil },
          report: { _ in }
        )
      )
      log.start(router: dispatcher, observer: dispatcher)
    }

    func append() async throws {
      var intake = EventIntake(defaultSource: "test", clock: clock)
      var batch = EventBatch()
      try intake.append(CloudEvent(type: "x"), to: &batch)
      try await log.submit(LogChange(events: batch))
    }

    func run() throws -> Run { try #require(try log.run(RunID(rawValue: 1))) }

    func lose() async -> UInt64 {
      let ticket = await runner.next()[0].ticket
      dispatcher.lost([(ticket, "'shop' ended: signal 9")])
      await dispatcher.waitUntilIdle()
      return ticket
    }

    func types() throws -> [String?] {
      let page = try log.events(from: .start, limit: 1000)
      return try page.entries.indices.map { try JSONDocument(Array(page.json($0))).root["type"]?.string }
    }
  }

  @Test func `what may be repeated is repeated under the same key`() async throws {
    let bench = try Bench("pick")
    try await bench.append()
    let first = await bench.runner.next()
    bench.dispatcher.lost([(first[0].ticket, "gone")])
    await bench.clock.waitForSleeper()
    #expect(try bench.run().state == .waiting)
    bench.clock.advance(by: .seconds(1))
    let second = await bench.runner.next()
    #expect(second[0].request.key == first[0].request.key && second[0].request.attempt == 2)
  }

  @Test func `what must not be repeated waits for a person, who may confirm it`() async throws {
    let bench = try Bench("ship")
    try await bench.append()
    _ = await bench.lose()
    #expect(try bench.run().state == .uncertain)
    #expect(try bench.run().failure == "it is not known whether 'first' was done: 'shop' ended: signal 9")
    #expect(try bench.types() == ["x", "earshot.delivery.uncertain"])
    #expect(try await bench.dispatcher.confirm([bench.run()]) == [true])
    #expect(await bench.runner.next().map(\.request.action) == ["pick"])
    #expect(try bench.run().step == 1)
    #expect(try await bench.dispatcher.confirm([bench.run()]) == [false], "it is known again")
  }

  @Test func `a person may have it repeated, or give it up`() async throws {
    let bench = try Bench("ship")
    try await bench.append()
    _ = await bench.lose()
    #expect(try await bench.dispatcher.revive([bench.run()]) == [true])
    _ = await bench.lose()
    #expect(try await bench.dispatcher.drop([bench.run()]) == [true])
    #expect(try bench.run().state == .dropped)
  }

  @Test func `the rule may want it repeated, or dead`() async throws {
    let repeating = try Bench("ship", "retry")
    try await repeating.append()
    _ = await repeating.lose()
    #expect(try repeating.run().state == .waiting)
    let burying = try Bench("ship", "dead_letter")
    try await burying.append()
    _ = await burying.lose()
    #expect(try burying.run().state == .dead)
    #expect(try burying.types() == ["x", "earshot.delivery.dead"])
  }

  @Test func `an end of the host during the attempt is such a case`() async throws {
    let before = try Bench("ship")
    try await before.append()
    _ = await before.runner.next()
    let after = try Bench("ship", after: before)
    try await after.dispatcher.recover()
    #expect(try after.run().state == .uncertain)
  }

  @Test func `a step that ends the host is given up after three times, and others go on`() async throws {
    var bench = try Bench("pick")
    try await bench.append()
    for death in 1...3 {
      #expect(await bench.runner.next().map(\.request.attempt) == [death])
      let next = try Bench("pick", after: bench)
      try await next.dispatcher.recover()
      bench.clock.advance(by: .seconds(1))
      bench = next
    }
    #expect(try bench.run().state == .dead)
    #expect(try bench.run().failure == "quarantined: the host has ended 3 times while it was under way")
  }
}
