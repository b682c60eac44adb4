// SPDX-License-Identifier: Apache-2.0

import Dispatching
import DurableLog
import EventModel
import EventSources
import Expressions
import PluginWire
import Rules
import Testing

/// Conditions of rules have three outcomes, and none of them is lost.
@Suite struct ConditionTests {
  /// Never makes an attempt: what is wanted is only which runs there are.
  private struct NoAttempts: AttemptRunner {
    func begin(_ attempts: [PluginRun], by listener: String) {}
    func cancel(_ tickets: [UInt64], by listener: String) {}
  }

  private struct Bench {
    let log: InMemoryLog
    let dispatcher: Dispatcher

    init(_ rules: String) throws {
      let clock = VirtualClock()
      log = InMemoryLog(clock: clock)
      let file = RuleFile(name: "r.yaml", bytes: Array(rules.utf8))
      let set = try #require(RuleLoader.load([file], actions: TestPlugins(), sources: NoSources()).rules)
      dispatcher = Dispatcher(
        set,
        credits: ["shop": 100],
        in: .init(
          log: log,
          clock: clock,
          scope: .empty,
          runner: NoAttempts(),
          fetchRules: { _ in nil },
          report: { _ in }
        )
      )
      log.start(router: dispatcher, observer: dispatcher)
    }

    /// Appends one event for each piece of data.
    func append(_ data: JSONValue...) async throws {
      var intake = EventIntake(defaultSource: "test", clock: VirtualClock())
      var batch = EventBatch()
      for data in data { try intake.append(CloudEvent(type: "order", data: data), to: &batch) }
      try await log.submit(LogChange(events: batch))
    }

    /// The positions of the events that rules are run for.
    func positions() throws -> [Int64] {
      try log.runs(after: .start, states: Set(RunState.allCases), limit: 100).map(\.position.rawValue)
    }

    func event(_ position: Int64) throws -> JSONView {
      let page = try log.events(from: LogPosition(rawValue: position), limit: 1)
      return try JSONDocument(Array(page.json(0))).root
    }
  }

  private static func rule(_ condition: String, onError: String = "fail") -> String {
    """
    rules:
      large:
        trigger: { type: order }
        condition: \(condition)
        on_error: \(onError)
        actions: { uses: shop.pick }
    """
  }

  @Test func `runs a rule only for the events for which its condition holds`() async throws {
    let bench = try Bench(Self.rule("event.data.total > 10 && event.sequence != '3'"))
    try await bench.append(["total": 5], ["total": 11], ["total": 12], ["total": 13])
    #expect(try bench.positions() == [2, 4])
    #expect(try bench.log.lastPosition().rawValue == 4, "nothing failed, so nothing is told")
  }

  @Test func `tells in the same commit what of a condition failed, where it stands, and what it saw`()
    async throws
  {
    let bench = try Bench(Self.rule("event.data.total > 10 && event.data.kind == 'a'"))
    try await bench.append(["total": 20, "other": 1])
    #expect(try bench.positions() == [])
    let notice = try bench.event(2)
    #expect(notice["type"]?.string == "earshot.rule.failed" && notice["subject"]?.string == "large")
    #expect(notice["causationid"]?.string == (try bench.event(1)["id"]?.string))
    let data = try #require(notice["data"])
    #expect(data["part"]?.string == "event.data.kind" && data["code"]?.string == "no-such-field")
    #expect(data["message"]?.string == "there is no 'kind'" && data["position"]?.int == 1)
    #expect(data["file"]?.string == "r.yaml" && data["line"]?.int == 4 && data["column"]?.int == 16)
    #expect(data["seen"]?["event.data.kind"]?.string == "missing" && data["runs"]?.bool == false)
    #expect(bench.dispatcher.conditionFailures() == ["large": 1])
  }

  @Test func `an error means what on_error says`() async throws {
    let skipping = try Bench(Self.rule("event.data.total > 10", onError: "skip"))
    try await skipping.append([:])
    #expect(try skipping.positions() == [] && skipping.log.lastPosition().rawValue == 1)
    #expect(skipping.dispatcher.conditionFailures() == ["large": 1])
    let matching = try Bench(Self.rule("event.data.total > 10", onError: "match"))
    try await matching.append([:])
    #expect(try matching.positions() == [1])
    #expect(try matching.event(2)["data"]?["runs"]?.bool == true)
  }

  @Test func `a rule that fails for the very notices ends at the hop limit`() async throws {
    let bench = try Bench(
      """
      rules:
        all: { trigger: { type: "*" }, condition: event.data.total > 10, actions: { uses: shop.pick } }
      """
    )
    try await bench.append([:])
    let last = try bench.log.lastPosition().rawValue
    #expect(last > 2 && last < 40)
    #expect(try bench.event(last)["type"]?.string == "earshot.rule.failed")
  }
}
