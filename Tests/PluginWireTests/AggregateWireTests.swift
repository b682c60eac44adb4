// SPDX-License-Identifier: Apache-2.0

import EventModel
import PluginWire
import Testing

/// Aggregates on the wire.
@Suite struct AggregateWireTests {
  private static let stock = AggregateDescription(
    name: "stock",
    summary: "The pieces of an item.",
    events: ["stock.received", "stock.reserved"],
    commands: [
      .init(
        name: "Reserve",
        summary: "Puts aside.",
        parameters: .object([.init("amount", .integer, isRequired: true)]),
        refused: "stock.refused"
      ), .init(name: "Count", parameters: .object([])),
    ]
  )

  @Test func `stand in a hello, which is as ever when there are none`() throws {
    let plugin = PluginDescription(name: "shop", version: "1", actions: [], aggregates: [Self.stock])
    var bytes: [UInt8] = []
    PluginMessage.hello(plugin, version: 1).append(to: &bytes)
    #expect(try PluginMessage(line: bytes.dropLast()) == .hello(plugin, version: 1))
    #expect(plugin.aggregate(named: "stock") == Self.stock && plugin.aggregate(named: "x") == nil)
    bytes = []
    PluginMessage.hello(.init(name: "shop", version: "1", actions: []), version: 1).append(to: &bytes)
    #expect(
      String(decoding: bytes, as: UTF8.self)
        == #"{"kind":"hello","protocol":1,"name":"shop","version":"1","actions":[]}"# + "\n"
    )
  }

  @Test func `leave out in a hello what cannot be read, and need no more than their names`() throws {
    let hello = #"""
      {"kind":"hello","protocol":1,"name":"x","aggregates":[{"name":"a","events":["e",1],"commands":[{},{"name":"C"}]},
      {"events":[]},7]}
      """#.replacing("\n", with: "")
    guard case .hello(let plugin, _)? = try PluginMessage(line: Array(hello.utf8)) else {
      Issue.record("no hello")
      return
    }
    #expect(
      plugin.aggregates == [
        AggregateDescription(name: "a", events: ["e"], commands: [.init(name: "C", parameters: .any)])
      ]
    )
  }

  @Test(arguments: [
    AggregateQuestion(key: "", state: nil, events: []),
    AggregateQuestion(
      key: "a\"b",
      state: Array(#"{"there":1}"#.utf8),
      events: [Array(#"{"type":"a"}"#.utf8), Array(#"{"type":"b"}"#.utf8)],
      command: .init(name: "Reserve", id: "c1", data: ["amount": 1])
    ),
  ]) func `questions read back as written`(question: AggregateQuestion) throws {
    var bytes: [UInt8] = []
    question.append(to: &bytes)
    #expect(try AggregateQuestion(json: JSONDocument(bytes).root) == question)
  }

  @Test(arguments: [
    AggregateAnswer(state: ["there": 1]),
    AggregateAnswer(state: 7, verdict: .accepted([])),
    AggregateAnswer(state: [:], verdict: .accepted([["type": "a"], ["type": "b"]])),
    AggregateAnswer(state: [:], verdict: .refused("only 1")),
  ]) func `answers read back as written`(answer: AggregateAnswer) throws {
    #expect(try AggregateAnswer(json: JSONDocument(Array(answer.json.json.utf8)).root) == answer)
  }

  @Test(arguments: [
    "7", "{}", #"{"events":[]}"#, #"{"state":null}"#, #"{"state":{},"refused":1}"#,
    #"{"state":{},"events":{}}"#,
    #"{"state":{},"events":[],"refused":"no"}"#,
  ]) func `what is no answer is not taken for one`(answer: String) throws {
    let document = try JSONDocument(Array(answer.utf8))
    #expect(throws: WireError.self) { try AggregateAnswer(json: document.root) }
  }

  @Test(arguments: ["[]", #"{"command":{}}"#])
  func `what is no question is not taken for one`(question: String) throws {
    let document = try JSONDocument(Array(question.utf8))
    #expect(throws: WireError.self) { try AggregateQuestion(json: document.root) }
  }
}
