// SPDX-License-Identifier: Apache-2.0

import Dispatching
import DurableLog
import EventModel
import Testing

/// What time does to rules, from their text to what listeners are asked.
@Suite struct RuleTimeTests {
  /// A rule that tells a listener which events it reacted to.
  private static func rule(_ parts: String, trigger: String = "{ type: x }") -> String {
    """
    rules:
      r:
        trigger: \(trigger)
        \(parts)
        actions: { uses: shop.pick, with: { n: "${{ event.data.n }}", all: "${{ events.map(e, e.data.n) }}" } }
    """
  }

  private static func one(_ n: Int, of all: Int...) -> JSONValue {
    ["n": .number("\(n)"), "all": .array((all.isEmpty ? [n] : all).map { .number("\($0)") })]
  }

  @Test func `a debounce reacts to the last event of each key`() async throws {
    let bench = try TimedBench(Self.rule("debounce: { quiet: 2s, by: event.data.k }"))
    try await bench.append("x", ["n": 1, "k": "a"], ["n": 2, "k": "b"], ["n": 3, "k": "a"])
    await bench.pass(.seconds(1))
    #expect(bench.runner.take() == [])
    try await bench.append("x", ["n": 4, "k": "b"])
    await bench.pass(.seconds(1))
    #expect(bench.runner.take() == [Self.one(3)])
    await bench.pass(.seconds(1))
    #expect(bench.runner.take() == [Self.one(4)])
    #expect(try bench.decisions(1) == [.superseded] && bench.decisions(2) == [.superseded])
    #expect(try bench.log.windows(of: nil, limit: 10) == [])
  }

  @Test func `a window whose time is over closes before its key hears more, however late that is noticed`()
    async throws
  {
    let bench = try TimedBench(Self.rule("debounce: { quiet: 2s }"))
    try await bench.append("x", ["n": 1])
    bench.clock.advance(by: .seconds(60))
    try await bench.append("x", ["n": 2])
    #expect(bench.runner.take() == [Self.one(1)])
    await bench.pass(.seconds(2))
    #expect(bench.runner.take() == [Self.one(2)])
  }

  @Test func `a collection gives all its events, in one run that each of them leads to`() async throws {
    let bench = try TimedBench(Self.rule("collect: { within: 10s, max: 3 }"))
    try await bench.append("x", ["n": 1], ["n": 2], ["n": 3], ["n": 4])
    #expect(bench.runner.take() == [Self.one(3, of: 1, 2, 3)])
    #expect(try (1...4).map { try bench.log.runs(of: LogPosition(rawValue: $0)).count } == [1, 1, 1, 0])
    await bench.pass(.seconds(10))
    #expect(bench.runner.take() == [Self.one(4)])
  }

  @Test func `a throttle drops or delays what is too much`() async throws {
    let dropping = try TimedBench(Self.rule("throttle: { limit: 1, per: 10s }"))
    try await dropping.append("x", ["n": 1], ["n": 2])
    await dropping.pass(.seconds(10))
    try await dropping.append("x", ["n": 3])
    #expect(dropping.runner.take() == [Self.one(1), Self.one(3)])
    #expect(try dropping.decisions(2) == [.throttled])
    let delaying = try TimedBench(Self.rule("throttle: { limit: 1, per: 10s, excess: delay }"))
    try await delaying.append("x", ["n": 1], ["n": 2], ["n": 3])
    #expect(delaying.runner.take() == [Self.one(1)])
    await delaying.pass(.seconds(10))
    #expect(delaying.runner.take() == [Self.one(2)])
    await delaying.pass(.seconds(10))
    #expect(delaying.runner.take() == [Self.one(3)])
  }

  @Test func `a deduplication drops equal events, after the condition and before the rest`() async throws {
    let bench = try TimedBench(
      Self.rule("dedupe: { by: event.data.k, within: 10s }\n    condition: event.data.n > 1")
    )
    try await bench.append("x", ["n": 1, "k": 1], ["n": 2, "k": 1], ["n": 3, "k": 1], ["n": 4, "k": 2])
    #expect(bench.runner.take() == [Self.one(2), Self.one(4)])
    #expect(try bench.decisions(3) == [.deduplicated] && bench.decisions(1) == [])
    await bench.pass(.seconds(10))
    try await bench.append("x", ["n": 5, "k": 1])
    #expect(bench.runner.take() == [Self.one(5)])
  }

  @Test func `a threshold counts by key, and its condition sees all events`() async throws {
    let bench = try TimedBench(
      Self.rule(
        "condition: events.all(e, e.data.n > 0) && size(events) == 2",
        trigger: "{ type: x, threshold: { count: 2 }, within: 10s, by: event.data.k }"
      )
    )
    try await bench.append("x", ["n": 1, "k": 1], ["n": 2, "k": 2], ["n": 3, "k": 1])
    #expect(bench.runner.take() == [Self.one(3, of: 1, 3)])
    await bench.pass(.seconds(10))
    #expect(try bench.decisions(2) == [.expired])
    try await bench.append("x", ["n": 0, "k": 2], ["n": 4, "k": 2])
    #expect(bench.runner.take() == [])
  }

  @Test func `a sequence and a join of all find their events`() async throws {
    let sequence = try TimedBench(
      Self.rule("", trigger: "{ sequence: [ { type: x }, { type: y } ], within: 10s, by: event.data.k }")
    )
    try await sequence.append("y", ["n": 1, "k": 1])
    try await sequence.append("x", ["n": 2, "k": 1], ["n": 3, "k": 2])
    try await sequence.append("y", ["n": 4, "k": 1])
    #expect(sequence.runner.take() == [Self.one(4, of: 2, 4)])
    let all = try TimedBench(
      Self.rule("", trigger: "{ all: [ { type: x }, { type: y } ], within: 10s, by: event.data.k }")
    )
    try await all.append("y", ["n": 1, "k": 1])
    try await all.append("x", ["n": 2, "k": 1])
    #expect(all.runner.take() == [Self.one(2, of: 1, 2)])
  }

  @Test func `an absence reacts to what was not followed, and notes what was`() async throws {
    let bench = try TimedBench(
      Self.rule(
        "",
        trigger: "{ absent: { after: { type: x }, expect: { type: y } }, within: 10s, by: event.data.k }"
      )
    )
    try await bench.append("x", ["n": 1, "k": 1], ["n": 2, "k": 2])
    try await bench.append("y", ["n": 3, "k": 1])
    await bench.pass(.seconds(10))
    #expect(bench.runner.take() == [Self.one(2)])
    #expect(try bench.decisions(1) == [.answered])
  }

  @Test func `a join and a throttle go together, and all events get through`() async throws {
    let bench = try TimedBench(
      Self.rule(
        "throttle: { limit: 1, per: 1m, excess: delay }",
        trigger: "{ type: x, threshold: { count: 2 }, within: 10s }"
      )
    )
    try await bench.append("x", ["n": 1], ["n": 2], ["n": 3], ["n": 4])
    #expect(bench.runner.take() == [Self.one(2, of: 1, 2)])
    await bench.pass(.seconds(60))
    #expect(bench.runner.take() == [Self.one(4, of: 3, 4)])
  }

  @Test func `a list of triggers means any of them, of one event or of several`() async throws {
    let bench = try TimedBench(
      Self.rule("", trigger: "[ { type: y }, { sequence: [ { type: x }, { type: y } ], within: 1m } ]")
    )
    try await bench.append("x", ["n": 1])
    try await bench.append("y", ["n": 2])
    #expect(bench.runner.take() == [Self.one(2), Self.one(2, of: 1, 2)])
  }

  @Test func `windows outlive the host, and close when their time was over meanwhile`() async throws {
    let rules = Self.rule("debounce: { quiet: 2s, by: event.data.k }")
    let before = try TimedBench(rules)
    try await before.append("x", ["n": 1, "k": 1], ["n": 2, "k": 2])
    before.clock.advance(by: .seconds(1))
    let after = try TimedBench(rules, after: before)
    try await after.dispatcher.recover()
    try await after.append("x", ["n": 3, "k": 2])
    await after.pass(.seconds(1))
    #expect(after.runner.take() == [Self.one(1)])
    let last = try TimedBench(rules, after: after)
    last.clock.advance(by: .seconds(1000))
    try await last.dispatcher.recover()
    await last.dispatcher.workOffDue()
    #expect(last.runner.take() == [Self.one(3)])
  }

  @Test func `spans do not follow the wall clock`() async throws {
    let bench = try TimedBench(Self.rule("debounce: { quiet: 10s }"))
    try await bench.append("x", ["n": 1])
    bench.clock.set(by: .seconds(-3600))
    await bench.pass(.seconds(9))
    #expect(bench.runner.take() == [])
    await bench.pass(.seconds(1))
    #expect(bench.runner.take() == [Self.one(1)])
    try await bench.append("x", ["n": 2])
    bench.clock.set(by: .seconds(86_400))
    await bench.pass(.seconds(1))
    #expect(bench.runner.take() == [])
  }

  @Test func `the host's alarm closes windows by itself`() async throws {
    let bench = try TimedBench(Self.rule("debounce: { quiet: 2s }"))
    try await bench.append("x", ["n": 1])
    await bench.clock.waitForSleeper()
    bench.clock.advance(by: .seconds(2))
    while try bench.states() != [.done] { await Task.yield() }
    #expect(bench.runner.take() == [Self.one(1)])
  }

  @Test func `a key without a value is told of like a condition without one`() async throws {
    let bench = try TimedBench(Self.rule("debounce: { quiet: 2s, by: event.data.k }"))
    try await bench.append("x", ["n": 1])
    let page = try bench.log.events(from: LogPosition(rawValue: 2), limit: 1)
    let notice = try JSONDocument(Array(page.json(0))).root
    #expect(notice["type"]?.string == "earshot.rule.failed")
    #expect(notice["data"]?["condition"]?.string == "event.data.k" && notice["data"]?["line"]?.int == 4)
    #expect(try bench.log.windows(of: nil, limit: 1) == [])
    let matching = try TimedBench(Self.rule("on_error: match\n    debounce: { quiet: 2s, by: event.data.k }"))
    try await matching.append("x", ["n": 1])
    #expect(try matching.log.windows(of: nil, limit: 1).map(\.key) == [Array("null".utf8)])
  }

  @Test func `a person may let a window fire, wait longer, or be forgotten`() async throws {
    let bench = try TimedBench(Self.rule("debounce: { quiet: 10s, by: event.data.k }"))
    try await bench.append("x", ["n": 1, "k": 1], ["n": 2, "k": 2], ["n": 3, "k": 3])
    let ids = try bench.log.windows(of: nil, limit: 9).map(\.id)
    let wishes: [WindowWish] = [.fire(ids[0]), .extend(ids[1], by: .seconds(5)), .cancel(ids[2])]
    #expect(try await bench.dispatcher.grant(wishes) == [true, true, true])
    await bench.pass(.seconds(10))
    #expect(bench.runner.take() == [Self.one(1)])
    await bench.pass(.seconds(5))
    #expect(bench.runner.take() == [Self.one(2)])
    #expect(try bench.decisions(3) == [.forgotten])
  }

  @Test func `windows outlive a change of lengths, and are dropped with a change of their key`() async throws
  {
    let rule = Self.rule("debounce: { quiet: 60s, by: event.data.k }")
    let bench = try TimedBench(rule)
    try await bench.append("x", ["n": 1, "k": 1], ["n": 2, "k": 2])
    let shorter = try TimedBench.set(Self.rule("debounce: { quiet: 5s, by: event.data.k }"))
    let plan = try bench.dispatcher.plan(for: shorter)
    #expect(plan.lines.map(\.fate) == [.migrated] && plan.lines.map(\.count) == [2])
    try bench.dispatcher.use(shorter, credits: ["shop": 100])
    try await bench.dispatcher.settleWindows(of: TimedBench.set(rule))
    await bench.pass(.seconds(5))
    #expect(bench.runner.take() == [Self.one(1), Self.one(2)])
    try await bench.append("x", ["n": 3, "k": 3])
    #expect(try bench.dispatcher.plan(for: shorter).lines.map(\.fate) == [.kept])
    let other = try TimedBench.set(Self.rule("debounce: { quiet: 5s }"))
    let second = try bench.dispatcher.plan(for: other)
    #expect(second.text == ["1 window of debounce in 'r' dropped"])
    try bench.dispatcher.use(other, credits: ["shop": 100])
    try await bench.append("x", ["n": 4, "k": 4])
    try await bench.dispatcher.settleWindows(of: shorter)
    #expect(try bench.log.windowCounts() == ["r/debounce/e3b0c442": 1] && bench.decisions(3) == [.forgotten])
  }

  @Test func `what older rules open while new ones are read is dropped as well`() async throws {
    let rule = Self.rule("debounce: { quiet: 60s, by: event.data.k }")
    let bench = try TimedBench(rule)
    let other = try TimedBench.set(Self.rule(""))
    #expect(try bench.dispatcher.plan(for: other).lines.isEmpty)
    try await bench.append("x", ["n": 1, "k": 1])
    try bench.dispatcher.use(other, credits: ["shop": 100])
    try await bench.dispatcher.settleWindows(of: TimedBench.set(rule))
    #expect(try bench.log.windowCounts() == [:] && bench.decisions(1) == [.forgotten])
  }

  @Test func `a listener with a rate is given what waits when it may have more`() async throws {
    let rules = Self.rule("") + "\nlisteners: { shop: { rate: { limit: 2, per: 10s } } }"
    let bench = try TimedBench(rules)
    try await bench.append("x", ["n": 1], ["n": 2], ["n": 3], ["n": 4], ["n": 5])
    #expect(bench.runner.take() == [Self.one(1), Self.one(2)])
    await bench.pass(.seconds(9))
    #expect(bench.runner.take() == [])
    await bench.pass(.seconds(1))
    #expect(bench.runner.take() == [Self.one(3), Self.one(4)])
    bench.clock.advance(by: .seconds(10))
    while try bench.states().last != .done { await Task.yield() }
    #expect(bench.runner.take() == [Self.one(5)])
  }

  @Test(.timeLimit(.minutes(1)))
  func `what a rate holds up goes on when it may, also when nothing else is under way`() async throws {
    let rules = Self.rule("") + "\nlisteners: { shop: { rate: { limit: 1, per: 10s } } }"
    let bench = try TimedBench(rules)
    try await bench.append("x", ["n": 1])
    bench.clock.advance(by: .seconds(5))
    try await bench.append("x", ["n": 2])
    await bench.clock.waitForSleeper()
    bench.clock.advance(by: .seconds(5))
    while try bench.states().last != .done { await Task.yield() }
    #expect(bench.runner.take() == [Self.one(1), Self.one(2)])
  }

  @Test func `tells with the next event that the wall clock was set, and by how much`() async throws {
    let bench = try TimedBench(Self.rule(""))
    func told() throws -> [Int?] {
      let page = try bench.log.events(from: .start, limit: 100)
      let events = try page.entries.indices.map { try JSONDocument(Array(page.json($0))).root }
      return events.filter { $0["type"]?.string == "earshot.clock.changed" }.map {
        $0["data"]?["by_milliseconds"]?.int
      }
    }
    try await bench.append("x", ["n": 1])
    bench.clock.set(by: .milliseconds(900))
    try await bench.append("x", ["n": 2])
    #expect(try told() == [], "a time service steers the clock")
    bench.clock.set(by: .seconds(-3600))
    try await bench.append("x", ["n": 3])
    try await bench.append("x", ["n": 4])
    #expect(try told() == [-3_599_100])
  }
}
