// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Dispatching
import DurableLog
import EventModel
import Expressions
import Rules
import Testing

/// Rules that run live and have no effect.
@Suite struct ShadowTests {
  private static let rules = """
    rules:
      live:
        trigger: { type: x }
        condition: event.data.n > 2
        actions: [ { id: tell, uses: shop.pick, with: { n: "${{ event.data.n }}" } } ]
      new:
        mode: shadow
        shadows: live
        trigger: { type: x }
        condition: event.data.n > 1
        actions: [ { id: tell, uses: shop.pick, with: { n: "${{ event.data.n }}" } } ]
    """

  private static func shadow(_ actions: String) -> String {
    "rules:\n  r:\n    mode: shadow\n    trigger: { type: x }\n    actions: \(actions)"
  }

  private static func history(_ bench: TimedBench, run: Int64 = 1) throws -> [HistoryEntry] {
    try bench.log.history(of: RunID(rawValue: run), limit: 100)
  }

  @Test func `what a shadow would do is noted and not done`() async throws {
    let bench = try TimedBench(
      Self.shadow(
        """
        [ { id: a, uses: shop.pick, with: { n: 1 } }, { id: b, emit: { type: y } }, { set: { v: 3 } },
          { id: c, await: { approval: "sure?" } }, { id: d, uses: shop.pick, with: { v: "${{ vars.v }}" } } ]
        """
      )
    )
    try await bench.append("x", [:])
    #expect(try bench.runner.take() == [] && bench.states() == [.done])
    let run = try #require(try bench.log.run(RunID(rawValue: 1)))
    #expect(run.isShadow)
    let inputs = try Self.history(bench).map { $0.input.map { String(decoding: $0, as: UTF8.self) } }
    #expect(inputs == [#"{"n":1}"#, #"{"type":"y"}"#, nil, #""sure?""#, #"{"v":3}"#])
    #expect(try bench.log.lastPosition() == LogPosition(rawValue: 1))
  }

  @Test func `a shadow waits, and its branches have no effect either`() async throws {
    let bench = try TimedBench(
      Self.shadow(
        """
        [ { wait: 5s }, { for_each: [ 1, 2 ], actions: [ { uses: shop.pick, with: { i: "${{ item }}" } } ] } ]
        """
      )
    )
    try await bench.append("x", [:])
    #expect(try bench.states() == [.waiting])
    await bench.pass(.seconds(5))
    #expect(try bench.states() == [.done, .done, .done] && bench.runner.take() == [])
    #expect(try bench.log.run(RunID(rawValue: 2))?.isShadow == true)
  }

  @Test(arguments: [#"[ { fail: no } ]"#, #"[ { uses: shop.pick, with: { n: "${{ event.data.none }}" } } ]"#])
  func `a shadow that fails is cancelled, and nobody is told`(actions: String) async throws {
    let bench = try TimedBench(Self.shadow(actions))
    try await bench.append("x", [:])
    #expect(try bench.states() == [.cancelled])
    #expect(try bench.log.lastPosition() == LogPosition(rawValue: 1))
    #expect(try Self.history(bench).map(\.kind) == [.cancelled])
  }

  @Test func `a rule that a shadow calls is not made`() async throws {
    let called = "\n  s:\n    actions: [ { uses: shop.pick, with: { n: 1 } } ]"
    let bench = try TimedBench(Self.shadow("[ { id: c, call: s } ]") + called)
    try await bench.append("x", [:])
    #expect(try bench.states() == [.done] && bench.runner.take() == [])
  }

  @Test func `a shadow is compared with the rule that it shadows`() async throws {
    let bench = try TimedBench(Self.rules)
    for n in 1...4 { try await bench.append("x", ["n": .number("\(n)")]) }
    #expect(bench.runner.take() == [["n": 3], ["n": 4]])
    let set = try TimedBench.set(Self.rules)
    #expect(set.rules.map(\.shadows) == [nil, "live"])
    let comparison = ShadowComparison(of: "new", with: "live", over: bench.log, scope: .empty) {
      $0 == set.revision ? set : nil
    }
    let report = try comparison.run(from: LogPosition(rawValue: 1), now: bench.clock.now())
    #expect(report.lines[0].firings == (2, 3) && report.lines[0].differences == [.gained: 1])
    let example = try #require(report.lines[0].examples.first)
    #expect(example.events.map(\.position.rawValue) == [2] && example.after?.deeds.map(\.value) == [["n": 2]])
  }

  @Test func `a test of a shadow finds it live`() async throws {
    let set = try TimedBench.set(
      Self.shadow(
        #"""
        [ { id: a, uses: shop.pick }, { emit: { type: y, data: "${{ steps.a.output }}" } } ]
            tests: [ { name: t, given: { type: x }, outputs: { a: 7 }, expect: [ { action: a }, { emit: { data: 7 } } ] } ]
        """#
      )
    )
    let rule = set.rules[0]
    let outcome = try await RuleTrial.outcome(of: rule, in: set, for: rule.tests[0], scope: .empty)
    #expect(outcome.deeds.count == 2 && outcome.ends == [.done])
  }

  @Test(arguments: ["max: 3", "mode_by: event.id"])
  func `what limits runs does not belong to a shadow`(key: String) {
    let text = Self.shadow("[ { emit: { type: y } } ]") + "\n    \(key)"
    let file = RuleFile(name: "r.yaml", bytes: Array(text.utf8))
    let (rules, bag) = RuleLoader.load([file], actions: TestPlugins(), sources: NoSources())
    #expect(rules == nil && bag.diagnostics.map(\.code) == ["rule-combination"])
  }

  @Test(arguments: [
    ("mode: shadow", "other", "rule-unknown-rule"), ("mode: single", "r", "rule-combination"),
  ])
  func `a shadow names another rule`(mode: String, other: String, code: String) {
    let text =
      "rules:\n  r:\n    \(mode)\n    shadows: \(other)\n    trigger: { type: x }\n    actions: { emit: { type: y } }"
    let file = RuleFile(name: "r.yaml", bytes: Array(text.utf8))
    let (rules, bag) = RuleLoader.load([file], actions: TestPlugins(), sources: NoSources())
    #expect(rules == nil && bag.diagnostics.map(\.code) == [code])
  }
}
