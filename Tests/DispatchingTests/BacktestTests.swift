// SPDX-License-Identifier: Apache-2.0

import Dispatching
import DurableLog
import EventModel
import Expressions
import PluginWire
import Rules
import Testing

/// What a backtest says of rules that differ in one thing.
@Suite struct BacktestTests {
  private static let plain = """
    rules:
      r:
        trigger: { type: x }
        condition: event.data.n > 2
        actions: [ { id: tell, uses: shop.pick, with: { n: "${{ event.data.n }}" } } ]
    """

  /// Six events `x`, ten seconds apart.
  private static func bench(_ rules: String = plain) async throws -> TimedBench {
    let bench = try TimedBench(rules)
    for n in 1...6 {
      try await bench.append("x", ["n": .number("\(n)"), "k": .number("\(n % 2)")])
      await bench.pass(.seconds(10))
    }
    return bench
  }

  private static func rules(_ text: String) throws -> RuleSet {
    let file = RuleFile(name: "r.yaml", bytes: Array(text.utf8))
    return try #require(RuleLoader.load([file], actions: TestPlugins(), sources: NoSources()).rules)
  }

  private static func report(_ new: String, _ old: String, _ bench: TimedBench, examples: Int = 5)
    async throws
    -> BacktestReport
  {
    let sets = [try rules(old), try rules(new)]
    let backtest = Backtest(sets[1], against: sets[0], over: bench.log, scope: .empty, examples: examples) {
      revision in sets.first { $0.revision == revision }
    }
    return try await backtest.run(from: LogPosition(rawValue: 1), until: bench.clock.now()) { _ in }
  }

  /// The counts of a rule's gained, lost and changed firings.
  private static func counts(_ report: BacktestReport, _ rule: String = "r") -> [Int] {
    let line = report.lines.first { $0.rule == rule }
    return BacktestReport.Kind.allCases.map { line?.differences[$0] ?? 0 }
  }

  private func counts(_ new: String, _ old: String, _ rule: String = "r") async throws -> [Int] {
    Self.counts(try await Self.report(new, old, Self.bench(old)), rule)
  }

  @Test func `nothing is different when the rules are the same`() async throws {
    let report = try await Self.report(Self.plain, Self.plain, Self.bench())
    #expect(report.isSame && report.lines.map(\.firings.before) == [4] && report.events == 6)
    #expect(report.lines[0].examples == [])
  }

  @Test func `another condition loses or gains firings, and says which and what was done`() async throws {
    let narrow = Self.plain.replacing("n > 2", with: "n > 4")
    let report = try await Self.report(narrow, Self.plain, Self.bench())
    #expect(Self.counts(report) == [0, 2, 0] && !report.isSame)
    let example = try #require(report.lines[0].examples.first)
    #expect(example.kind == .lost && example.events.map(\.position.rawValue) == [3] && example.after == nil)
    #expect(example.events[0].type == "x" && !example.events[0].isMade)
    let deed: JSONValue = ["step": "tell", "kind": "action", "value": ["n": 3], "after_ms": 0]
    #expect(example.before?.deeds.map(\.json) == [deed] && example.before?.state == .done)
    #expect(try await counts(Self.plain, narrow) == [2, 0, 0])
  }

  @Test func `other parameters change every firing`() async throws {
    let other = Self.plain.replacing("{ n: \"", with: "{ m: \"")
    let report = try await Self.report(other, Self.plain, Self.bench())
    #expect(Self.counts(report) == [0, 0, 4])
    let example = try #require(report.lines[0].examples.first)
    #expect(
      example.before?.deeds.map(\.value) == [["n": 3]] && example.after?.deeds.map(\.value) == [["m": 3]]
    )
  }

  @Test func `another debounce changes when it fires`() async throws {
    let two = Self.plain.replacing("    actions", with: "    debounce: { quiet: 2s }\n    actions")
    let report = try await Self.report(two.replacing("2s", with: "3s"), two, Self.bench(two))
    #expect(Self.counts(report) == [0, 0, 4])
    let example = try #require(report.lines[0].examples.first)
    #expect(example.before?.delay == .seconds(2) && example.after?.delay == .seconds(3))
    #expect(try await counts(two.replacing("2s", with: "9s"), two) == [0, 0, 4])
    #expect(try await counts(two, Self.plain) == [0, 0, 4])
  }

  @Test func `a window that is open at the end closes when time has passed`() async throws {
    let late = Self.plain.replacing("    actions", with: "    debounce: { quiet: 1h }\n    actions")
    let bench = try await Self.bench()
    #expect(Self.counts(try await Self.report(late, Self.plain, bench)) == [0, 4, 0])
    bench.clock.advance(by: .seconds(3600))
    #expect(Self.counts(try await Self.report(late, Self.plain, bench)) == [0, 3, 1])
  }

  @Test func `a rule that is gone has lost all, and a new one gained all`() async throws {
    let both = Self.plain + "\n  s:\n    trigger: { type: x }\n    actions: [ { emit: { type: y } } ]"
    #expect(try await counts(Self.plain, both, "s") == [0, 6, 0])
    #expect(try await counts(both, Self.plain, "s") == [6, 0, 0])
    #expect(try await counts(both, Self.plain, "r") == [0, 0, 0])
    #expect(
      try await counts(both.replacing("  s:", with: "  s:\n    enabled: false"), both, "s") == [0, 6, 0]
    )
  }

  @Test func `what follows from emitted events is compared, too`() async throws {
    let chain = """
      rules:
        r:
          trigger: { type: x }
          actions: [ { emit: { type: y, data: { n: "${{ event.data.n }}" } } } ]
        s:
          trigger: { type: y }
          actions: [ { id: tell, uses: shop.pick, with: { n: "${{ event.data.n }}", id: "${{ event.id }}" } } ]
      """
    let bench = try await Self.bench(chain)
    #expect(try await Self.report(chain, chain, bench).isSame)
    let narrow = chain.replacing("  s:\n", with: "  s:\n    condition: event.data.n > 2\n")
    let report = try await Self.report(narrow, chain, bench)
    #expect(Self.counts(report, "r") == [0, 0, 0] && Self.counts(report, "s") == [0, 2, 0])
    let event = try #require(report.lines[1].examples.first?.events.first)
    #expect(event.type == "y" && event.isMade && event.position.rawValue == 1)
    let other = chain.replacing("type: y, data: { n: \"${{ event.data.n }}\"", with: "type: y, data: { n: 0")
    let changed = try await Self.report(other, chain, bench)
    #expect(Self.counts(changed, "r") == [0, 0, 6] && Self.counts(changed, "s") == [0, 0, 6])
  }

  private static let pick = """
    rules:
      r:
        trigger: { type: x }
        actions:
          - { id: pick, uses: shop.pick }
          - { emit: { type: y, data: "${{ steps.pick.output }}" } }
      s:
        trigger: { type: p }
        actions: [ { id: tell, uses: shop.pick, with: { k: "${{ event.data.k }}" } } ]
    """

  /// An event, and its run whose action ends so after half a minute; in which an event comes whose run never ends.
  private static func held(_ rules: String, _ reply: RunReply) async throws -> HeldBench {
    let bench = try HeldBench(rules)
    try await bench.append("x")
    let first = await bench.begun(1)
    bench.clock.advance(by: .seconds(10))
    try await bench.append("x", keys: [2])
    bench.clock.advance(by: .seconds(20))
    try await bench.settle(first[0], reply)
    await Task.yield()
    return bench
  }

  private static func report(_ new: String, _ old: String, _ bench: HeldBench) async throws -> BacktestReport
  {
    let sets = [try rules(old), try rules(new)]
    let backtest = Backtest(sets[1], against: sets[0], over: bench.log, scope: .empty) { revision in
      sets.first { $0.revision == revision }
    }
    return try await backtest.run(from: LogPosition(rawValue: 1), until: bench.clock.now()) { _ in }
  }

  @Test func `what an action yielded in the past it yields again, when it did`() async throws {
    let bench = try await Self.held(Self.pick, .ack(output: Array(#"{"box":7}"#.utf8), emit: []))
    let report = try await Self.report(Self.pick.replacing("type: y", with: "type: z"), Self.pick, bench)
    // The other run was open, so that nobody knows an output of its step.
    #expect(Self.counts(report) == [0, 0, 1])
    let deeds = try #require(
      report.lines[0].examples.first { $0.events[0].position.rawValue == 1 }?.after?.deeds
    )
    #expect(deeds.map(\.value) == [[:], ["type": "z", "data": ["box": 7]]])
    #expect(deeds.map(\.offset) == [.zero, .seconds(30)])
  }

  @Test func `what failed in the past fails again`() async throws {
    let bench = try await Self.held(Self.pick, .fail(message: "no box"))
    let other = Self.pick.replacing("uses: shop.pick }", with: "uses: shop.pick, continue_on_error: true }")
    let report = try await Self.report(other, Self.pick, bench)
    let example = try #require(report.lines[0].examples.first { $0.events[0].position.rawValue == 1 })
    #expect(example.before?.state == .dead && example.after?.deeds.map(\.kind) == [.action, .impossible])
  }

  @Test func `what listeners emitted happens again for a rule that calls them`() async throws {
    let emitted = Array(#"{"type":"p","data":{"k":5}}"#.utf8)
    let bench = try await Self.held(Self.pick, .ack(output: Array("{}".utf8), emit: [emitted]))
    let other = Self.pick.replacing("{ k: \"${{ event.data.k }}\" }", with: "{ k: 0 }")
    let report = try await Self.report(other, Self.pick, bench)
    #expect(Self.counts(report, "s") == [0, 0, 1])
    #expect(report.lines[1].examples[0].before?.deeds.map(\.value) == [["k": 5]])
    let none = try await Self.report(
      Self.pick.replacing("trigger: { type: x }", with: "trigger: { type: q }"),
      Self.pick,
      bench
    )
    #expect(Self.counts(none, "r") == [0, 2, 0] && Self.counts(none, "s") == [0, 1, 0])
  }

  @Test func `a mode lets runs begin or not by how long those before them took`() async throws {
    let single = Self.pick.replacing("  r:\n", with: "  r:\n    mode: single\n")
    let bench = try await Self.held(Self.pick, .ack(output: nil, emit: []))
    let report = try await Self.report(single, Self.pick, bench)
    #expect(Self.counts(report) == [0, 1, 0])
    #expect(report.lines[0].examples[0].events[0].position.rawValue == 2)
  }

  @Test func `a condition that has no value is a difference`() async throws {
    let failing = Self.plain.replacing("event.data.n > 2", with: "event.data.missing > 2")
    let report = try await Self.report(failing, Self.plain, Self.bench())
    #expect(Self.counts(report) == [0, 4, 0] && report.lines[0].failures == (0, 6))
  }

  @Test func `counts are exact when examples are few`() async throws {
    let report = try await Self.report(
      Self.plain.replacing("n > 2", with: "n > 0"),
      Self.plain.replacing("n > 2", with: "n > 6"),
      Self.bench(),
      examples: 2
    )
    #expect(Self.counts(report) == [6, 0, 0] && report.lines[0].examples.count == 2)
  }

  @Test func `a log without events has no differences`() async throws {
    let bench = try TimedBench(Self.plain)
    let report = try await Self.report(Self.plain, Self.plain, bench)
    #expect(report.isSame && report.events == 0 && report.span == nil)
  }
}
