// SPDX-License-Identifier: Apache-2.0

import EventModel
import Expressions
import Rules
import Testing

@testable import Projections

/// Rows in a dictionary.
struct PlainRows: RowStore {
  var rows: [RowKey: ViewRow] = [:]

  mutating func row(_ key: RowKey) -> ViewRow? { rows[key] }

  mutating func put(_ key: RowKey, _ row: ViewRow?, changed: ColumnSet) { rows[key] = row }
}

@Suite struct ViewFoldTests {
  /// Folds events into rows; gives these and what could not be folded.
  private static func fold(_ text: String, _ events: [(type: String, data: String)]) throws -> (
    rows: [String: [ColumnValue]], failures: [String]
  ) {
    let view = try ViewText.view(text)
    let fold = ViewFold(view: view)
    var rows = PlainRows()
    var failures: [String] = []
    for event in events {
      let json = #"{"type":"\#(event.type)","time":"2026-01-31T10:00:00Z","data":\#(event.data)}"#
      let content = JSONContent(try JSONDocument(Array(json.utf8)))
      let entries = view.entries.indices.filter { place in
        view.entries[place].trigger.types.contains { $0.matches(event.type) }
      }
      if let failure = try fold.fold(content, entries: entries, into: &rows) {
        failures.append(failure.message)
      }
    }
    return (Dictionary(uniqueKeysWithValues: rows.rows.map { ($0.key.text, $0.value.values) }), failures)
  }

  private static let instant = Timestamp(seconds: 1_769_853_600)

  private static func text(_ text: String) -> ColumnValue { .text(Array(text.utf8)) }

  @Test func `makes, changes and removes rows`() throws {
    let (rows, failures) = try Self.fold(
      ViewText.orders,
      [
        ("OrderCreated", #"{"order":"a","customer":"ada","total":10}"#),
        ("OrderCreated", #"{"order":"b","customer":"bob","total":5.5}"#),
        ("ItemAdded", #"{"order":"a","price":2.5,"tag":"x"}"#),
        ("ItemAdded", #"{"order":"a","price":1,"tag":{"n": [1, 2]}}"#),
        ("ItemAdded", #"{"order":"a","price":0,"tag":"free"}"#),
        ("OrderPaid", #"{"order":"a"}"#),
        ("OrderPaid", #"{"order":"nobody"}"#),
        ("OrderCancelled", #"{"order":"b"}"#),
        ("OrderCancelled", #"{"order":"nobody"}"#),
      ]
    )
    #expect(failures == [])
    #expect(
      rows == [
        "a": [
          Self.text("ada"), .real(13.5), Self.text("paid"), .integer(2), .time(Self.instant),
          .json(Array(#"["x",{"n":[1,2]}]"#.utf8)),
        ]
      ]
    )
  }

  @Test func `lets values see the row as it was before the event`() throws {
    let (rows, failures) = try Self.fold(
      """
      views:
        v:
          key: event.data.k
          columns: { now: integer, before: integer, seen: boolean, log: text, at: time, data: json }
          events:
            e:
              set:
                now: event.data.n
                before: row.?now.orValue(-1)
                seen: has(row.key) && row.key == event.data.k
                log: row.?log.orValue('') + string(int(event.data.n))
                at: row.?at.orValue(timestamp('2026-01-01T00:00:00Z')) + duration('1s')
                data: "[row.?data[?0].orValue(0.0) + event.data.n]"
      """,
      [("e", #"{"k":"a","n":1}"#), ("e", #"{"k":"a","n":2}"#), ("e", #"{"k":"a","n":3}"#)]
    )
    #expect(failures == [])
    #expect(
      rows["a"] == [
        .integer(3), .integer(2), .boolean(true), Self.text("123"), .time(Timestamp(seconds: 1_767_225_603)),
        .json(Array("[6]".utf8)),
      ]
    )
  }

  @Test func `changes all that an event says or nothing, and says why`() throws {
    let text = """
      views:
        v:
          key: event.data.k
          columns: { a: integer, b: text, list: json }
          events:
            e:
              - { set: { b: "'first'" } }
              - { key: event.data.other, set: { a: event.data.n }, increment: {} }
            list: { append: { list: event.data.n } }
            notList: { set: { list: "{'a': 1}" } }
            more: { increment: { a: event.data.n } }
      """
    let (rows, failures) = try Self.fold(
      text,
      [
        ("e", #"{"k":"x","other":"y","n":1}"#), ("e", #"{"k":"z","other":"y","n":1.5}"#),
        ("e", #"{"k":"z","n":1}"#), ("e", #"{"k":["z"],"other":"y","n":1}"#),
        ("notList", #"{"k":"y"}"#), ("list", #"{"k":"y","n":1}"#),
        ("more", #"{"k":"y","n":9223372036854775807}"#), ("more", #"{"k":"y","n":null}"#),
      ]
    )
    #expect(rows.keys.sorted() == ["x", "y"])
    #expect(rows["x"] == [.null, Self.text("first"), .null])
    #expect(rows["y"] == [.integer(1), .null, .json(Array(#"{"a":1}"#.utf8))])
    #expect(
      failures == [
        "a: event.data.n: 1.5 does not fit a column of type integer (views.yaml:8:46)",
        "key: event.data.other: there is no 'other' (views.yaml:8:18)",
        #"key: event.data.k: ["z"] cannot be a key: a text or a number was expected (views.yaml:3:10)"#,
        "list: the column holds no list (views.yaml:9:31)", "a: the sum is too great (views.yaml:11:31)",
        "a: there is nothing to add (views.yaml:11:31)",
      ]
    )
  }

  @Test func `lets an event change a row more than once, in the order of the entries`() throws {
    let (rows, failures) = try Self.fold(
      """
      views:
        v:
          key: "'all'"
          columns: { n: integer, seen: integer }
          events:
            "order.*":
              - { increment: { n: 1 } }
              - { set: { seen: row.n } }
            "order.reset": { delete: true }
      """,
      [("order.a", "{}"), ("order.b", "{}"), ("order.reset", "{}"), ("order.a", "{}")]
    )
    #expect(failures == [])
    #expect(rows == ["all": [.integer(1), .integer(1)]])
  }

  @Test(arguments: [
    ("'a'", "a"), ("1", "1"), ("1.5", "1.5"), ("event.data.n", "12"), ("true", "true"),
    ("timestamp('2026-01-31T10:00:00.500Z')", "2026-01-31T10:00:00.5Z"), ("''", ""),
  ]) func `takes texts and numbers for keys`(expression: String, key: String) throws {
    let text = """
      views: { v: { key: "\(expression)", columns: { n: integer }, events: { e: { set: { n: 1 } } } } }
      """
    let (rows, failures) = try Self.fold(text, [("e", #"{"n":12}"#)])
    #expect(rows.keys.sorted() == [key] && failures == [])
  }

  @Test func `keeps a value from growing without end`() throws {
    let text = """
      views:
        v:
          key: "'all'"
          columns: { text: text, list: json }
          events:
            text: { set: { text: row.?text.orValue('') + event.data } }
            list: { append: { list: event.data } }
      """
    let part = "\"" + String(repeating: "x", count: 600_000) + "\""
    let (rows, failures) = try Self.fold(text, ["text", "text", "list", "list"].map { ($0, part) })
    #expect(rows["all"]?.map { if case .text(let bytes) = $0 { bytes.count } else { 0 } } == [600_000, 0])
    #expect(failures.count == 2 && failures.allSatisfy { $0.contains("1048576 bytes") })
  }
}
