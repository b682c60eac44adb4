// SPDX-License-Identifier: Apache-2.0

import Dispatching
import EventModel
import Expressions
import Rules
import Testing

@Suite struct RuleExplanationTests {
  private static let event = #"""
    {"specversion":"1.0","id":"7","source":"shop","type":"order.created",
    "data":{"total":500,"items":[{"sku":"x","n":1},{"sku":"y","n":2}]}}
    """#

  private func explanation(_ trigger: String, _ more: String = "") throws -> RuleExplanation {
    let yaml = "rules: { r: { trigger: \(trigger), \(more) actions: { uses: shop.pick } } }"
    let file = RuleFile(name: "r.yaml", bytes: Array(yaml.utf8))
    let set = try #require(RuleLoader.load([file], actions: TestPlugins(), sources: NoSources()).rules)
    return RuleExplanation(set.rules[0], try JSONDocument(Array(Self.event.utf8)))
  }

  @Test func `tells that all demands are met`() throws {
    guard case .matched = try explanation("{ type: order.*, match: { data: { total: [ 500 ] } } }").outcome
    else {
      Issue.record("the rule matches")
      return
    }
  }

  @Test func `tells the first demand that is not met, with the value that the event has`() throws {
    guard case .type("order.created", ["a", "b.*"]) = try explanation("{ type: [a, b.*] }").outcome,
      case .source("shop", ["web"]) = try explanation("{ type: order.created, source: web }").outcome,
      case .disabled = try explanation("{ type: order.created }", "enabled: false,").outcome
    else {
      Issue.record("type, source, switch")
      return
    }
    let match =
      "{ match: { data: { total: [ { numeric: [ '>', 100 ] } ], items: { sku: [ z ] }, at: [ { exists: true } ] } } }"
    guard case .pattern(let path, let found, let expected) = try explanation(match).outcome else {
      Issue.record("pattern")
      return
    }
    #expect(path == "data.items.sku" && found == ["x", "y"] && expected == ["z"])
  }

  @Test func `tells that the parts of a pattern hold in different elements of an array`() throws {
    let match = "{ match: { data: { items: { sku: [ x ], n: [ 2 ] } } } }"
    guard case .arrays = try explanation(match).outcome else {
      Issue.record("the parts hold in different elements")
      return
    }
  }

  @Test func `tells the part of a condition that is false, or that has no value`() throws {
    let condition = "condition: \"event.type == 'order.created' && event.data.total > 1000.0\","
    guard case .condition(let why) = try explanation("{ type: order.created }", condition).outcome else {
      Issue.record("the condition is false")
      return
    }
    #expect(why.part == "event.data.total > 1000.0" && why.seen.map(\.value) == ["500"])
    let failing = "condition: event.data.totl > 1000.0, on_error: match,"
    guard case .failure(let error, _, true) = try explanation("{ type: order.created }", failing).outcome
    else {
      Issue.record("the condition has no value")
      return
    }
    #expect(error.description == "event.data.totl: there is no 'totl'")
  }

  @Test func `counts a false condition for nearer than another pattern, source or type`() throws {
    let nearness = [
      try explanation("{ type: order.created }").nearness,
      try explanation("{ type: order.created }", "condition: event.data.nope,").nearness,
      try explanation("{ type: order.created }", "condition: event.data.total < 0.0,").nearness,
      try explanation("{ match: { data: { total: [ 500 ], nope: [ 1 ] } } }").nearness,
      try explanation("{ match: { data: { nope: [ 1 ] } } }").nearness,
      try explanation("{ type: order.created, source: web }").nearness,
      try explanation("{ type: other }").nearness,
    ]
    #expect(nearness == nearness.sorted(by: >))
    #expect(Set(nearness).count == nearness.count)
  }
}
