// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import Expressions
import PluginWire
import Testing

@testable import Rules

/// What an aggregate is read as, and the pure functions of it.
@Suite struct AggregateTests {
  private static func load(_ text: String) -> (rules: RuleSet?, lines: [String]) {
    let files = [RuleFile(name: "bank.yaml", bytes: Array(text.utf8))]
    let (rules, bag) = RuleLoader.load(files, actions: TestActions(), sources: TestSources())
    return (rules, bag.sorted.map { "\($0.code) \($0.message)" })
  }

  static let bank = """
    aggregates:
      account:
        initial: { status: none, balance: 0 }
        evolve:
          Opened: { status: "'open'", owner: event.data.owner }
          Deposited: { balance: state.balance + event.data.amount }
          Reset: "{'status': 'none', 'balance': 0}"
          Noted: state
        upcast:
          - { type: PaidIn, as: Deposited }
          - { type: Deposited, condition: has(event.data.cents), data: { amount: event.data.cents / 100.0 } }
        commands:
          Deposit:
            parameters: { amount: number, note: { type: string, required: false, enum: [gift, wage] } }
            require:
              - { condition: state.status == 'open', message: "the account is ${{ state.status }}" }
              - { condition: command.data.amount > 0.0, message: nothing to put in }
            emit:
              - { type: Deposited, data: { amount: "${{ command.data.amount }}", by: "${{ command.id }}" } }
              - { type: Noted, condition: has(command.data.note), subject: other/7 }
    """

  private func account(_ text: String = Self.bank) throws -> Aggregate {
    let (rules, lines) = Self.load(text)
    #expect(lines == [])
    return try #require(rules?.aggregates.first)
  }

  private func event(_ type: String, _ data: JSONValue = [:], subject: String? = "account/1") throws
    -> JSONDocument
  {
    try JSONDocument(Array(CloudEvent(type: type, subject: subject, data: data).json.json.utf8))
  }

  private func state(_ aggregate: Aggregate, _ events: JSONDocument...) throws -> JSONValue {
    try events.reduce(aggregate.initial) { try aggregate.state(after: $1, from: $0) }
  }

  @Test func `folds events in the way that their types say`() throws {
    let account = try account()
    #expect(
      try state(account, event("Opened", ["owner": "Ada"]), event("Deposited", ["amount": 100]))
        == ["status": "open", "balance": 100, "owner": "Ada"]
    )
    #expect(
      try state(account, event("Deposited", ["amount": .number("0.5")]), event("Other")) == [
        "status": "none", "balance": .number("0.5"),
      ]
    )
    let again = try state(account, event("Opened", ["owner": "Ada"]), event("Reset"), event("Noted"))
    #expect(again == ["status": "none", "balance": 0])
  }

  @Test func `reads older events as newer ones, one way after another`() throws {
    let account = try account()
    #expect(try state(account, event("PaidIn", ["cents": 250]))["balance"] == .number("2.5"))
    #expect(try state(account, event("PaidIn", ["amount": 3]))["balance"] == .number("3"))
    #expect(account.types == ["Deposited", "Noted", "Opened", "PaidIn", "Reset"])
  }

  @Test func `says where a state cannot be made, and why`() throws {
    let account = try account()
    let error = #expect(throws: AggregateFailure.self) { try state(account, event("Deposited", ["sum": 1])) }
    #expect(
      error?.description.hasPrefix("bank.yaml:") == true
        && error?.description.contains("state.balance + event.data.amount") == true,
      "\(String(describing: error))"
    )
  }

  @Test(
    arguments: [
      (nil, "account/42", "42"), (nil, "account/a/b", "a/b"), (nil, "account/", nil), (nil, "order/42", nil),
      (nil, nil, nil), ("event.data.id", nil, "42"), ("event.data.name", nil, "x y"),
      ("event.data.no", nil, nil),
      ("event.data.empty", nil, nil),
    ] as [(String?, String?, String?)]
  )
  func `knows of which thing an event is`(expression: String?, subject: String?, key: String?) throws {
    let start = "aggregates:\n  account:\n"
    let line = expression.map { "    key: \($0)\n" } ?? ""
    let account = try account(start + line + "    evolve: { A: state }")
    let data: JSONValue = ["id": 42, "name": "x y", "no": .null, "empty": ""]
    #expect(try account.key(of: event("A", data, subject: subject)) == key)
  }

  @Test func `says when the key of an event has no value`() throws {
    let account = try account("aggregates: { account: { key: event.data.id, evolve: { A: state } } }")
    #expect(throws: AggregateFailure.self) { try account.key(of: event("A")) }
  }

  private func verdict(_ state: JSONValue, _ data: JSONValue) throws -> Aggregate.Verdict {
    let account = try account()
    let command = try #require(account.command(named: "Deposit"))
    #expect(command.parameters.problems(in: data, at: "") == [])
    let content = CommandContent(id: "c1", name: "Deposit", key: "1", data: data)
    return try account.verdict(on: command, content, state: state, in: .empty)
  }

  @Test func `accepts a command with the events that it asks for`() throws {
    let deposited: JSONValue = [
      "type": "Deposited", "data": ["amount": 5, "by": "c1"], "subject": "account/1",
    ]
    #expect(try verdict(["status": "open", "balance": 0], ["amount": 5]) == .accepted([deposited]))
    let noted: JSONValue = ["type": "Noted", "subject": "other/7"]
    let both = try verdict(["status": "open", "balance": 0], ["amount": 5, "note": "gift"])
    #expect(both == .accepted([deposited, noted]))
  }

  @Test func `refuses a command by the first thing that does not hold`() throws {
    #expect(try verdict(["status": "none"], ["amount": 0]) == .refused("the account is none"))
    #expect(try verdict(["status": "open"], ["amount": 0]) == .refused("nothing to put in"))
  }

  @Test func `says all that is wrong with the parameters of a command`() throws {
    let command = try #require(try account().command(named: "Deposit"))
    #expect(
      command.parameters.problems(in: ["amount": "5", "note": "loan", "extra": 1], at: "") == [
        "a number was expected for 'amount', not \"5\"",
        "'loan' is not possible for 'note': give one of gift, wage",
        "there is no parameter 'extra': known are amount, note",
      ]
    )
    #expect(command.parameters.problems(in: [:], at: "") == ["'amount' is missing"])
  }

  @Test func `names its streams by what says which events belong to them, and its states by what makes them`()
    throws
  {
    let first = try account()
    let other = try account(Self.bank.replacing("event.data.amount", with: "event.data.amount * 1.0"))
    #expect(first.streamOwner == other.streamOwner && first.foldHash != other.foldHash)
    let more = try account(Self.bank.replacing("Noted: state", with: "Noted: state\n      Seen: state"))
    #expect(first.streamOwner != more.streamOwner)
  }

  @Test func `finds what is wrong with an aggregate`() {
    let text = """
      aggregates:
        account:
          initial: { balance: 0 }
          evolve:
            Deposited: { balance: state.balanse + 1.0 }
            "x.*": state
          commands:
            Deposit:
              parameters: { amount: numbr }
              require: { condition: command.data.amont > 0.0, message: no }
              emit: { type: Deposted }
      """
    let lines = Self.load(text).lines
    #expect(
      lines.map { $0.prefix { $0 != " " } } == [
        "expression-unknown-field", "rule-event-type", "rule-policy", "expression-unknown-field",
        "rule-unknown-evolution",
      ],
      "\(lines)"
    )
  }

  @Test func `takes events and commands of a plugin's aggregate from what the plugin says`() throws {
    let (rules, lines) = Self.load("aggregates: { goods: { uses: shop.stock, key: event.data.item } }")
    #expect(lines == [])
    let aggregate = try #require(rules?.aggregates.first)
    #expect(aggregate.plugin == PluginAggregate(plugin: "shop", name: "stock"))
    #expect(aggregate.types == ["stock.received", "stock.reserved"] && aggregate.initial == .null)
    #expect(aggregate.description == "The pieces of an item.")
    let command = try #require(aggregate.command(named: "Reserve"))
    #expect(command.parameters.problems(in: ["amount": "many"], at: "") != [])
    #expect(command.refusal == "stock.refused")
    let event = try JSONDocument(Array(#"{"type":"stock.received","data":{"item":"tea"}}"#.utf8))
    #expect(try aggregate.key(of: event) == "tea")
    // What says which events belong to a thing is the same for both kinds.
    let (others, _) = Self.load(
      "aggregates: { goods: { key: event.data.item, evolve: { stock.reserved: state, stock.received: state } } }"
    )
    #expect(others?.aggregates.first?.streamOwner == aggregate.streamOwner)
  }

  @Test(
    arguments: [
      ("shp.stock", "rule-unknown-plugin there is no plugin 'shp'"),
      ("shop", "rule-unknown-aggregate the plugin 'shop' has no aggregate ''"),
      ("shop.stok", "rule-unknown-aggregate the plugin 'shop' has no aggregate 'stok'"),
      ("email.send", "rule-unknown-aggregate the plugin 'email' has no aggregate 'send'"),
      ("shop.idle", "rule-event-type the plugin names no event that changes 'idle'"),
      ("shop.vague", "rule-event-type the plugin names 'stock.*', which is not the type of an event"),
      ("[shop]", "rule-type a text was expected, not a list"),
    ]
  ) func `says what is wrong with the name of a plugin's aggregate`(uses: String, line: String) {
    #expect(Self.load("aggregates: { goods: { uses: \(uses) } }").lines == [line])
  }
}
