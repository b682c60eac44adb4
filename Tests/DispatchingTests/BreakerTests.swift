// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources
import Expressions
import PluginWire
import Rules
import Testing

@testable import Dispatching

@Suite struct BreakerTests {
  private static let settings = Breaker.Settings(failures: 3, pause: .seconds(10))
  private static func at(_ seconds: Int64) -> Timestamp { Timestamp(seconds: seconds) }

  @Test func `opens after failures in a row, and decides by one attempt when its pause is over`() {
    var breaker = Breaker()
    #expect(breaker.fail("a", at: Self.at(1), Self.settings) == nil)
    #expect(breaker.succeed() == nil && breaker.isIdle)
    let opened = (2...4).map { breaker.fail("\($0)", at: Self.at($0), Self.settings) }
    #expect(opened == [nil, nil, .opened(until: Self.at(14))])
    #expect(breaker.evidence == ["2", "3", "4"] && breaker.since == Self.at(2))
    #expect(breaker.fail("late", at: Self.at(5), Self.settings) == nil, "it was under way already")
    #expect(breaker.succeed() == nil, "and so was this")
    let probes = [13, 14, 15].map { breaker.probe(at: Self.at($0)) }
    #expect(probes == [false, true, false])
    #expect(breaker.fail("b", at: Self.at(16), Self.settings) == .opened(until: Self.at(36)))
    _ = breaker.probe(at: Self.at(36))
    #expect(breaker.succeed() == .closed && breaker.isIdle)
  }

  @Test func `does not pause for ever`() {
    var breaker = Breaker()
    var now = Self.at(0)
    for _ in 0..<40 {
      while breaker.phase == .closed { _ = breaker.fail("x", at: now, Self.settings) }
      guard case .open(let until) = breaker.phase else { return }
      #expect(until - now <= Breaker.longestPause)
      now = until
      _ = breaker.probe(at: now)
      _ = breaker.fail("x", at: now, Self.settings)
    }
  }

  @Test func `a rule whose attempts fail is left alone, and others go on`() async throws {
    let clock = VirtualClock()
    let log = InMemoryLog(clock: clock)
    let runner = HeldAttempts()
    let rules = """
      listeners: { shop: { breaker: { failures: 2, pause: 10s } } }
      rules:
        bad: { trigger: { type: x }, actions: { uses: shop.pick, with: { rule: bad }, retry: { attempts: 9, initial: 1s, jitter: 0 } } }
        good: { trigger: { type: y }, actions: { uses: shop.pick, with: { rule: good } } }
      """
    let dispatcher = Dispatcher(
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
    func append(_ types: String...) async throws {
      var intake = EventIntake(defaultSource: "test", clock: clock)
      var batch = EventBatch()
      for type in types { try intake.append(CloudEvent(type: type), to: &batch) }
      try await log.submit(LogChange(events: batch))
    }
    try await append("x", "x")
    let first = await runner.next()
    dispatcher.finished(first.map { ($0.ticket, .retry(message: "down", after: nil)) })
    await clock.waitForSleeper()
    #expect(dispatcher.pausedLanes().map(\.lane) == [LaneName(listener: "shop", rule: "bad")])
    try await append("x", "y")
    #expect(await runner.next().map(\.request.rule) == ["good"])
    clock.advance(by: .seconds(10))
    let probe = await runner.next()
    #expect(probe.map(\.request.rule) == ["bad"], "one attempt decides")
    dispatcher.finished([(probe[0].ticket, .ack(output: nil, emit: []))])
    var seen = 0
    while seen < 2 { seen += await runner.next().count }
    #expect(dispatcher.pausedLanes().isEmpty)
    let page = try log.events(from: .start, limit: 100)
    let events = try page.entries.indices.map { try JSONDocument(Array(page.json($0))).root }
    let paused = try #require(events.first { $0["type"]?.string == "earshot.rule.paused" })
    #expect(paused["data"]?["evidence"]?.elements.map(\.string) == ["down", "down"])
    #expect(events.last?["type"]?.string == "earshot.rule.resumed")
  }
}
