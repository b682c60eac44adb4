// SPDX-License-Identifier: Apache-2.0

import Dispatching
import EventModel
import Rules
import Testing

@Suite struct RoutingTableTests {
  /// The ids of the rules that an event triggers.
  private func triggered(by event: String) throws -> [String] {
    let text = """
      rules:
        all: { trigger: { type: "*" }, actions: [ { emit: { type: a } } ] }
        orders: { trigger: { type: order.* }, actions: [ { emit: { type: a } } ] }
        created: { trigger: { type: [order.created, "é\\"x"] }, actions: [ { emit: { type: a } } ] }
        shop: { trigger: [ { type: "*", source: shop }, { type: order.created } ], actions: [ { emit: { type: a } } ] }
        large: { trigger: { type: order.*, match: { data: { total: [ { numeric: [">", 5] } ] } } }, actions: [ { emit: { type: a } } ] }
        off: { enabled: false, trigger: { type: "*" }, actions: [ { emit: { type: a } } ] }
      """
    let (rules, _) = RuleLoader.load(
      [RuleFile(name: "r.yaml", bytes: Array(text.utf8))],
      actions: TestPlugins(),
      sources: NoSources()
    )
    let set = try #require(rules)
    var batch = EventBatch()
    var intake = EventIntake(defaultSource: "test", clock: SystemClock())
    try intake.append(Array(event.utf8).span, to: &batch)
    var table = RoutingTable(set)
    return table.hits(for: 0, of: batch).map { set.rules[$0.rule].id }
  }

  @Test func `chooses by type, source and pattern, each rule once`() throws {
    #expect(try triggered(by: #"{"type":"x"}"#) == ["all"])
    #expect(try triggered(by: #"{"type":"order.paid","data":{"total":9}}"#) == ["all", "orders", "large"])
    #expect(
      try triggered(by: #"{"type":"order.created","source":"shop","data":{"total":5}}"#)
        == ["all", "orders", "created", "shop"]
    )
    #expect(try triggered(by: #"{"type":"order"}"#) == ["all"])
    #expect(try triggered(by: #"{"type":"\u00e9\"x"}"#) == ["all", "created"])
  }

  @Test func `the key of a step differs by event, rule and step, and only by these`() {
    let key = IdempotencyKey.key(source: "s".utf8, id: "1".utf8, rule: "r", step: 0)
    #expect(key.count == 32)
    #expect(key == IdempotencyKey.key(source: "s".utf8, id: "1".utf8, rule: "r", step: 0))
    let others = [
      IdempotencyKey.key(source: "s1".utf8, id: "".utf8, rule: "r", step: 0),
      IdempotencyKey.key(source: "s".utf8, id: "1".utf8, rule: "r", step: 1),
      IdempotencyKey.key(source: "s".utf8, id: "2".utf8, rule: "r", step: 0),
      IdempotencyKey.key(source: "s".utf8, id: "1".utf8, rule: "q", step: 0),
    ]
    #expect(Set(others + [key]).count == 5)
  }
}
