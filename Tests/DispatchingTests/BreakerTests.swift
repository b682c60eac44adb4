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
    let bench = try HeldBench(
      """
      listeners: { shop: { breaker: { failures: 2, pause: 10s } } }
      rules:
        bad: { trigger: { type: x }, actions: { uses: shop.pick, retry: { attempts: 9, initial: 1s, jitter: 0 } } }
        good: { trigger: { type: y }, actions: { uses: shop.pick } }
      """
    )
    let (dispatcher, runner, clock) = (bench.dispatcher, bench.runner, bench.clock)
    try await bench.append("x", keys: [1, 2])
    let first = await runner.next()
    dispatcher.finished(first.map { ($0.ticket, .retry(message: "down", after: nil)) })
    await clock.waitForSleeper()
    #expect(dispatcher.pausedLanes().map(\.lane) == [LaneName(listener: "shop", rule: "bad")])
    try await bench.append("x")
    try await bench.append("y")
    #expect(await runner.next().map(\.request.rule) == ["good"])
    clock.advance(by: .seconds(10))
    let probe = await runner.next()
    #expect(probe.map(\.request.rule) == ["bad"], "one attempt decides")
    dispatcher.finished([(probe[0].ticket, .ack(output: nil, emit: []))])
    var seen = 0
    while seen < 2 { seen += await runner.next().count }
    #expect(dispatcher.pausedLanes().isEmpty)
    let events = try bench.events()
    let paused = try #require(events.first { $0["type"]?.string == "earshot.rule.paused" })
    #expect(paused["data"]?["evidence"]?.elements.map(\.string) == ["down", "down"])
    #expect(events.last?["type"]?.string == "earshot.rule.resumed")
  }
}
