// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import Expressions
import Testing

@testable import Rules

@Suite struct ViewLoaderTests {
  private static func load(_ text: String) -> (views: [ViewDefinition], lines: [String]) {
    let file = RuleFile(name: "views.yaml", bytes: Array(text.utf8))
    let (rules, bag) = RuleLoader.load([file], actions: TestActions(), sources: TestSources())
    return (
      rules?.views ?? [],
      bag.sorted.map {
        let place = $0.location.source.place(of: $0.location.range.lowerBound)
        return "\(place.line):\(place.column) \($0.code)"
      }
    )
  }

  private static let orders = """
    views:
      orders:
        description: Each order and where it stands
        key: event.data.order
        columns: { customer: text, total: real, status: text, items: integer, updated: time, tags: json }
        indexes: [status, [customer, updated]]
        on_error: stop
        consistency: inline
        events:
          OrderCreated:
            set: { customer: event.data.customer, status: "'new'", updated: event.time }
            source: [shop, web]
            match: { data: { total: [ { numeric: [ ">", 0 ] } ] } }
          "order.*":
            - { increment: { items: 1, total: event.data.price }, condition: has(row.key) }
            - { key: event.subject, append: { tags: event.data.tag } }
          OrderCancelled: { delete: true }
    """

  @Test func `reads a whole view`() throws {
    let (views, lines) = Self.load(Self.orders)
    #expect(lines == [])
    let view = try #require(views.first)
    #expect(view.id == "orders" && view.description == "Each order and where it stands")
    #expect(view.columns.map(\.name) == ["customer", "total", "status", "items", "updated", "tags"])
    #expect(view.columns.map(\.type) == [.text, .real, .text, .integer, .time, .json])
    #expect(view.indexes == [[2], [0, 4]])
    #expect(view.onError == .stop && view.consistency == .inline)
    #expect(view.entries.map(\.description) == ["OrderCreated", "order.*", "order.*", "OrderCancelled"])
    #expect(view.entries.map(\.readsRow) == [false, true, false, false])
    #expect(
      view.entries.map(\.key.expression.text) == [
        "event.data.order", "event.data.order", "event.subject", "event.data.order",
      ]
    )
    #expect(view.entries[0].trigger.sources == ["shop", "web"] && view.entries[0].trigger.match != nil)
    if case .write(let changes) = view.entries[1].change {
      #expect(changes.map(\.kind) == [.increment, .increment] && changes.map(\.column) == [3, 1])
    } else {
      Issue.record("the entry writes")
    }
  }

  @Test(arguments: [
    ("Each order", "All orders", true), ("consistency: inline", "consistency: async", true),
    ("status: text", "status: json", false), ("[status,", "[total,", false), ("stop", "skip", false),
    ("'new'", "'fresh'", false), ("[shop, web]", "[shop]", false), ("\">\"", "\">=\"", false),
    ("event.subject", "event.id", false), ("has(row.key)", "has(row.items)", false),
    ("items: 1", "items: 2", false), ("order.*", "orders.*", false),
    ("delete: true", "set: { total: 0 }", false),
  ]) func `names a definition by what its rows depend on`(part: String, other: String, isSame: Bool) throws {
    let first = try #require(Self.load(Self.orders).views.first)
    let (views, lines) = Self.load(Self.orders.replacing(part, with: other))
    #expect(lines == [])
    #expect((views.first?.revision == first.revision) == isSame)
    #expect(Self.load(Self.orders).views.first?.revision == first.revision)
  }

  private static let mistakes: [(String, [String])] = [
    (
      "views: { my-view: { key: event.id, columns: { a: text }, events: { e: { delete: true } } } }",
      ["1:10 rule-id"]
    ),
    (
      "views: { sqlite_x: { key: event.id, columns: { a: text }, events: { e: { delete: true } } } }",
      ["1:10 rule-id"]
    ),
    (
      "views: { v: { key: event.id, columns: { key: text }, events: { e: { delete: true } } } }",
      ["1:41 rule-id"]
    ),
    (
      "views: { v: { key: event.id, columns: { 1a: text }, events: { e: { delete: true } } } }",
      ["1:41 rule-id"]
    ),
    (
      "views: { v: { key: event.id, columns: { a: text, A: text }, events: { e: { delete: true } } } }",
      ["1:50 rule-duplicate-id"]
    ),
    (
      "views: { v: { key: event.id, columns: { a: txt }, events: { e: { set: { a: 1 } } } } }",
      ["1:44 rule-policy"]
    ),
    ("views: { v: { key: event.id, columns: {}, events: { e: { delete: true } } } }", ["1:39 rule-range"]),
    ("views: { v: { key: event.id, columns: { a: text }, events: {} } }", ["1:60 rule-range"]),
    ("views: { v: { key: event.id, columns: { a: text }, events: { e: {} } } }", ["1:65 rule-combination"]),
    (
      "views: { v: { key: event.id, columns: { a: text }, events: { e: { set: { a: '1' }, delete: true } } } }",
      ["1:65 rule-combination"]
    ),
    ("views: { v: { columns: { a: text }, events: { e: { delete: true } } } }", ["1:50 rule-missing-key"]),
    (
      "views: { v: { key: row.a, columns: { a: text }, events: { e: { delete: true } } } }",
      ["1:20 expression-unknown-name"]
    ),
    (
      "views: { v: { key: event.id, columns: { a: text }, events: { e: { set: { a: env.HOME } } } } }",
      ["1:77 expression-unknown-name"]
    ),
    (
      "views: { v: { key: event.id, columns: { a: text }, events: { 'e*': { delete: true } } } }",
      ["1:62 rule-event-type"]
    ),
    (
      "views: { v: { key: event.id, columns: { a: integer }, events: { e: { set: { a: 1 }, increment: { a: 1 } } } } }",
      ["1:98 rule-combination"]
    ),
    (
      "views: { v: { key: event.id, columns: { a: text }, on: { e: { delete: true } } } }",
      ["1:13 rule-missing-key", "1:52 rule-unknown-key"]
    ),
    (
      "views: { v: { key: event.id, columns: { a: text }, indexes: [[a, a]], events: { e: { delete: true } } } }",
      ["1:63 rule-combination"]
    ),
    (
      "views: { v: { key: event.id, columns: { a: text }, events: { e: { delete: true, match: { a: 1 } } } } }",
      ["1:93 rule-pattern"]
    ),
  ]

  @Test(arguments: mistakes)
  func `tells of each mistake at its place`(text: String, lines: [String]) {
    #expect(Self.load(text).lines == lines)
  }

  @Test func `takes names that differ in capital letters for one`() {
    let view = "{ key: event.id, columns: { a: text }, events: { e: { delete: true } } }"
    #expect(Self.load("views:\n  v: \(view)\n  V: \(view)").lines == ["3:3 rule-duplicate-id"])
  }

  @Test func `reads the views of files whose rules need plugins that are not known`() throws {
    let file = RuleFile(
      name: "a.yaml",
      bytes: Array((Self.orders + "\nrules: { r: { actions: { uses: nobody.knows } } }").utf8)
    )
    #expect(RuleLoader.views(of: [file]).map(\.id) == ["orders"])
  }
}
