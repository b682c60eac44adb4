// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import Expressions

@Suite struct EvaluationTests {
  private static let event = #"""
    {"specversion":"1.0","id":"7","source":"shop","type":"order.created","time":"2026-03-29T00:30:00Z",
    "data":{"total":1250.5,"count":3,"id":9007199254740993,"name":"Caf\u00e9","note":"a\nb","items":[{"sku":"x","n":2},
    {"sku":"y","n":0}],"tags":["new","eu"],"empty":{},"nothing":null}}
    """#

  private func value(_ text: String, budget: Int = Expression.budget) throws -> JSONValue {
    let content = JSONContent(try JSONDocument(Array(Self.event.utf8)))
    let expression = try Expression(text, in: .step(after: .init(), allowsSecrets: false))
    return try expression.json(in: Scope(event: content))
  }

  @Test(arguments: [
    ("event.data.total > 1000 && event.data.count == 3", "true"),
    ("event.data.name == 'Café' && event.data.note == 'a\\nb'", "true"),
    ("event.data.name.size()", "4"),
    ("'eu' in event.data.tags && !('us' in event.data.tags)", "true"),
    ("event.type in ['a', 'b', 'c', 'd', 'e', 'order.created']", "true"),
    ("'total' in event.data && has(event.data.nothing) && !has(event.data.absent)", "true"),
    ("event.data.items.filter(i, i.n > 0).map(i, i.sku)", #"["x"]"#),
    ("event.data.items.exists(i, i.sku == 'y') && event.data.items.all(i, i.n >= 0)", "true"),
    ("event.data.items.map(i, i.sku).join('+')", #""x+y""#),
    ("event.data.items.sortBy(i, i.n).map(i, i.sku)", #"["y","x"]"#),
    ("event.data.id == 9007199254740993 && event.data.id != 9007199254740992", "true"),
    ("string(event.data.id)", #""9007199254740993""#),
    ("string(event.data.total) + '/' + string(event.data.count)", #""1250.5/3""#),
    ("event.data.empty == {} && size(event.data.empty) == 0", "true"),
    ("event.data.items[0] == {'n': 2, 'sku': 'x'}", "true"),
    ("now().getHours('Europe/Berlin')", "1"),
    ("now() + duration('1h') == timestamp('2026-03-29T01:30:00Z')", "true"),
    ("json('{\"a\": [1, 2]}').a[1]", "2"),
    ("json.encode(event.data.tags)", #""[\"new\",\"eu\"]""#),
    ("hash('abc')", #""ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad""#),
    ("path.name('/in/a.tar.gz') + ' ' + path.stem('/in/a.tar.gz')", #""a.tar.gz a.tar""#),
    ("path.extension('/in/a.PDF') + ' ' + path.parent('/in/a.PDF')", #"".PDF /in""#),
    ("path.join(['/in', 'b', 'c.txt'])", #""/in/b/c.txt""#),
    ("regex.replace('a-b', '(.)-(.)', r'\\2-\\1')", #""b-a""#),
    ("cel.bind(n, event.data.count, n > 2 ? 'many' : 'few')", #""many""#),
  ])
  func `gives the value that the event has`(text: String, json: String) throws {
    #expect(try value(text).json == json)
  }

  @Test(arguments: [
    ("event.data.absent == 1 || event.data.count == 3", "true"),
    ("event.data.count == 3 || event.data.absent == 1", "true"),
    ("event.data.absent == 1 && event.data.count == 4", "false"),
  ])
  func `lets one part decide whatever fails in others`(text: String, json: String) throws {
    #expect(try value(text).json == json)
  }

  @Test func `takes an error for an error where nothing else decides`() throws {
    let error = #expect(throws: EvaluationError.self) {
      try value("event.data.absent == 1 && event.data.count == 3")
    }
    #expect(error?.code == .missing)
    #expect(error?.part == "event.data.absent")
    #expect(error?.range == 0..<17)
  }

  @Test func `ends when the budget is spent`() throws {
    let inner = "lists.range(1000)"
    let expression = "\(inner).map(a, \(inner).map(b, a * b)).size() > 0"
    let error = #expect(throws: EvaluationError.self) { try value(expression) }
    #expect(error?.code == .cost)
  }

  @Test func `explains the part of a condition that does not hold with what it saw`() throws {
    let text = "event.type == 'order.created' && event.data.total < 1000.0 && event.data.count > 1"
    let condition = try Expression(text, in: .condition, as: .bool)
    let scope = Scope(event: JSONContent(try JSONDocument(Array(Self.event.utf8))))
    #expect(try !condition.holds(in: scope))
    let explanation = condition.explanation(in: scope)
    #expect(explanation.part == "event.data.total < 1000.0")
    #expect(explanation.seen == [Explanation.Seen(path: "event.data.total", value: "1250.5")])
  }
}
