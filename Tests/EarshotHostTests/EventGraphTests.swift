// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import DurableLog
import EventModel
import PluginWire
import Rules
import Testing

@testable import EarshotHost

/// What leads to what: as rules declare it, and as the log shows it.
@Suite struct EventGraphTests {
  private struct Shop: ActionCatalog {
    var pluginNames: [String] { ["shop"] }

    func plugin(named name: String) -> PluginDescription? {
      let pick = ActionDescription(name: "pick", summary: "", parameters: .any, effects: .none)
      return PluginDescription(name: "shop", version: "1", actions: [pick])
    }
  }

  private static func graph(_ rules: String) throws -> EventGraph {
    let file = RuleFile(name: "r.yaml", bytes: Array(rules.utf8))
    let (set, bag) = RuleLoader.load([file], actions: Shop(), sources: SourceKinds())
    return EventGraph(try #require(set, "\(bag.diagnostics.map(\.message))"))
  }

  /// The edges in short, with their numbers if there are any.
  private static func lines(_ graph: EventGraph) -> [String] {
    let text = GraphText(graph)
    return graph.sorted.map { ends, edge in
      let label = text.label(edge)
      return "\(ends.from.name) → \(ends.to.name)" + (label.isEmpty ? "" : ": \(label)")
    }
  }

  private static let rules = """
    rules:
      pay:
        trigger: { type: order }
        actions:
          - { id: pick, uses: shop.pick, compensate: { emit: { type: unpaid } } }
          - { emit: { type: paid.card } }
          - { await: { type: receipt } }
          - { emit: { type: "${{ event.data.next }}" } }
      tell: { trigger: [ { type: paid.* }, { sequence: [ { type: a }, { type: b } ], within: 1m } ], actions: { uses: shop.pick } }
      off: { enabled: false, trigger: { type: order }, actions: { uses: shop.pick } }
    """

  @Test func `a rule leads to those that it calls, which need no trigger`() throws {
    let rules = """
      rules:
        order: { trigger: { type: order }, actions: [ { parallel: [ { call: pay }, { uses: shop.pick } ] } ] }
        pay: { actions: { emit: { type: paid } } }
      """
    #expect(
      Self.lines(try Self.graph(rules)) == [
        "order → shop.pick", "order → pay", "pay → paid", "order → order",
      ]
    )
  }

  @Test func `rules declare what leads to them and what they lead to`() throws {
    #expect(
      Self.lines(try Self.graph(Self.rules)) == [
        "pay → shop.pick", "pay → (computed)", "pay → paid.card", "pay → unpaid", "tell → shop.pick",
        "a → tell", "b → tell", "order → pay", "paid.* → tell", "paid.card → tell", "receipt → pay",
      ]
    )
  }

  @Test(arguments: [
    ("a: x → y, b: y → x", ["a y b x"]), ("a: x → x", ["a x"]), ("a: x → y, b: y → z", []),
    ("a: x → y, b: y → x, c: q → q", ["a y b x", "c q"]), ("a: x → y, b: y → z, c: z → x", ["a y b z c x"]),
  ])
  func `rules that trigger each other in a circle are named`(rules: String, cycles: [String]) throws {
    let yaml = rules.split(separator: ", ").map { rule in
      let words = rule.split(separator: " ")
      return
        "  \(words[0].dropLast()): { trigger: { type: \(words[1]) }, actions: { emit: { type: \(words[3]) } } }"
    }
    let graph = try Self.graph("rules:\n" + yaml.joined(separator: "\n"))
    #expect(graph.cycles.map { $0.map(\.name).joined(separator: " ") } == cycles)
  }

  @Test func `the log shows how often each has happened, what never did, and what nobody declares`()
    async throws
  {
    let clock = VirtualClock()
    let log = InMemoryLog(clock: clock)
    func append(_ type: String, id: String, source: String = "test", cause: String? = nil) async throws {
      clock.advance(by: .milliseconds(10))
      var event = CloudEvent(type: type)
      (event.id, event.source) = (id, source)
      if let cause { event.extensions = [.init("causationid", .string(cause))] }
      var intake = EventIntake(defaultSource: "test", clock: clock)
      var batch = EventBatch()
      try intake.append(event, to: &batch)
      try await log.submit(LogChange(events: batch))
    }
    try await append("order", id: "1")
    try await append("order", id: "2")
    let early = clock.now()
    try await append("paid.card", id: "3", source: "rules/pay", cause: "1")
    try await append("refund", id: "4", source: "rules/pay", cause: "2")
    try await append("earshot.delivery.dead", id: "5", source: "earshot", cause: "2")
    try await append("echo", id: "6", source: "elsewhere", cause: "3")
    var observation = Observation(log, over: try Self.graph(Self.rules))
    let seen = Self.lines(try observation.graph(since: nil)).filter { !$0.hasSuffix(": 0") }
    #expect(
      seen == [
        "pay → paid.card: 1, 20 ms", "pay → refund: 1, 20 ms, not declared",
        "paid.card → echo: 1, 30 ms, not declared",
      ]
    )
    var later = Observation(log, over: try Self.graph(Self.rules))
    let rest = Self.lines(try later.graph(since: early + .milliseconds(1))).filter { !$0.hasSuffix(": 0") }
    #expect(rest == ["paid.card → echo: 1, 30 ms, not declared"], "what came of older events is left out")
  }

  @Test func `names cannot end their place in a drawing`() {
    var graph = EventGraph()
    graph.declare(.init(.type, "a\"]; x\\\n"), .init(.rule, "r"))
    let text = GraphText(graph)
    #expect(text.dot.contains(#"n1 [shape=ellipse, label="a\"]; x\\ "];"#))
    #expect(text.mermaid.contains(##"n1(["a#34;#93;#59; x#92;#10;"])"##))
  }
}
