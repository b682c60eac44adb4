// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import Rules
import Testing

@testable import EarshotHost

/// Conditions that look up rows of views, in tests of rules.
@Suite struct LookupTests {
  private static let rules = """
    views:
      orders:
        consistency: inline
        key: event.subject
        columns: { total: real, items: integer, state: text }
        events:
          OrderPlaced: { set: { total: event.data.total, state: "'placed'" } }
          ItemAdded: { increment: { items: 1 } }
          OrderDropped: { delete: true }
    rules:
      thank:
        trigger: { type: OrderPaid }
        condition: view('orders', event.subject) != null && view('orders', event.subject).total > 100.0
        actions: [ { id: act, uses: shop.act, with: { order: "${{ event.subject }}" } } ]
        tests:
          - name: sees the row as the events before have made it
            given:
              - { type: OrderPlaced, subject: a, data: { total: 200 } }
              - { type: OrderPlaced, subject: b, data: { total: 20 } }
              - { type: ItemAdded, subject: b }
              - { type: OrderPaid, subject: a }
              - { type: OrderPaid, subject: b }
              - { type: OrderPaid, subject: c }
            expect: [ { action: act, with: { order: a } } ]
          - name: sees no row that was removed
            given:
              - { type: OrderPlaced, subject: a, data: { total: 200 } }
              - { type: OrderDropped, subject: a }
              - { type: OrderPaid, subject: a }
            expect: []
      third:
        trigger: { type: ItemAdded }
        condition: view('orders', event.subject).items == 3
        actions: [ { id: act, uses: shop.act, with: { n: 3 } } ]
        tests:
          - name: counts the event itself
            given: [ { type: ItemAdded, subject: a }, { type: ItemAdded, subject: a }, { type: ItemAdded, subject: a } ]
            expect: [ { action: act } ]
    """

  private static func load(_ text: String) -> (rules: RuleSet?, messages: [String]) {
    let file = RuleFile(name: "r.yaml", bytes: Array(text.utf8))
    let (set, bag) = RuleLoader.load([file], actions: OneAction(), sources: NoKinds())
    return (set, bag.diagnostics.map(\.message))
  }

  @Test func `sees rows as of the event's own position`() async throws {
    let (rules, messages) = Self.load(Self.rules)
    let set = try #require(rules, "\(messages)")
    for rule in set.rules {
      for test in rule.tests {
        let result = await RuleTests.run(test, of: rule, in: set, environment: [:])
        #expect(result.problems == [], "\(rule.id): \(test.name)")
      }
    }
  }

  @Test func `takes only views that are folded with the log`() {
    let (rules, messages) = Self.load(Self.rules.replacing("consistency: inline", with: "consistency: async"))
    #expect(rules == nil)
    #expect(
      messages.first == "the view 'orders' follows the log at its own pace, so a condition cannot look at it"
    )
  }
}
