// SPDX-License-Identifier: Apache-2.0

import EventModel
import ListenerTestKit
import PluginWire
import Testing

/// Aggregates written with the SDK, as a host would ask them.
@Suite struct AggregateTests {
  enum Kind: String, Codable, CaseIterable { case plain, rare }

  /// A state of all kinds of values.
  struct Chest: Aggregate {
    struct Thing: Codable, Sendable {
      var name: String
      var weight: Double
      var kind: Kind
      var note: JSONValue?
      var tags: [String]?
    }

    var things: [Thing] = []
    var counts: [String: Int] = [:]
    var owner: String?
    var isOpen = false
    var lastKey = ""

    static let events = [
      event("put", Thing.self) { chest, thing in
        chest.things.append(thing)
        chest.counts[thing.name, default: 0] += 1
      },
      event("owned", String.self) { $0.owner = $1 },
      event("opened") { chest, event in chest.isOpen = event.source == "/test" },
      event("marked", Int.self) { chest, _, event in chest.lastKey = event.subject ?? "" },
    ]
    static let commands = [
      command("Put", Thing.self, summary: "Puts something in.") { chest, thing in
        guard chest.isOpen else { throw Refusal("the chest is shut") }
        return [try CloudEvent("put", thing)]
      },
      command("Open") { _ in [CloudEvent(type: "opened")] },
      command("Mark", Thing.self) { _, _, context in
        [CloudEvent(type: "marked", data: .string("\(context.key) \(context.id)"))]
      },
      command("Weigh", Thing.self) { _, thing in [try CloudEvent("put", ["weight": thing.weight / 0])] },
      command("Break") { _ in throw ActionError.fail("it is made of oak") },
    ]
  }

  struct Chests: Listener {
    static let aggregates = [aggregate("chest", Chest.self, summary: "What is in a chest.")]
  }

  private static let thing: JSONValue = [
    "name": "cup", "weight": .number("1.5"), "kind": "rare", "note": ["a": [1, .null]], "tags": ["x"],
  ]

  private let chest = AggregateTest(Chest.self, key: "7")

  @Test func `a listener may have aggregates only, and says what they are`() async throws {
    #expect(await ListenerConformance.problems(of: Chests.self) == [])
    let description = try #require(Chests.description.aggregate(named: "chest"))
    #expect(description.events == ["put", "owned", "opened", "marked"])
    #expect(description.summary == "What is in a chest.")
    let put = try #require(description.commands.first { $0.name == "Put" })
    #expect(put.summary == "Puts something in.")
    #expect(
      put.parameters
        == .object([
          .init("name", .string(allowed: []), isRequired: true), .init("weight", .number, isRequired: true),
          .init("kind", .string(allowed: ["plain", "rare"]), isRequired: true),
          .init("note", .any, isRequired: false),
          .init("tags", .list(.string(allowed: [])), isRequired: false),
        ])
    )
    #expect(description.commands.first { $0.name == "Open" }?.parameters == .object([]))
  }

  @Test func `states of all kinds survive between two events`() async throws {
    let full = chest.given(
      CloudEvent(type: "put", data: Self.thing),
      CloudEvent(type: "put", data: ["name": "ax", "weight": 2, "kind": "plain"]),
      CloudEvent(type: "owned", data: "Ada"),
      CloudEvent(type: "opened"),
      CloudEvent(type: "marked", subject: "chest/7", data: 1)
    )
    #expect(
      try await full.state() == [
        "things": [Self.thing, ["name": "ax", "weight": 2, "kind": "plain"]],
        "counts": ["ax": 1, "cup": 1], "owner": "Ada", "isOpen": true, "lastKey": "chest/7",
      ]
    )
  }

  @Test func `commands are decided on by the state, their parameters, and who they are for`() async throws {
    #expect(try await chest.when("Put", Self.thing).refusal == "the chest is shut")
    let open = chest.given(CloudEvent(type: "opened"))
    #expect(try await open.when("Put", Self.thing).events == [CloudEvent(type: "put", data: Self.thing)])
    #expect(try await chest.when("Mark", Self.thing, id: "c9").events.map(\.data) == [.json("7 c9")])
  }

  @Test(
    arguments: [
      ("Weigh", thing, "'Weigh' cannot be decided on: inf is no number in JSON"),
      ("Break", [:], "it is made of oak"),
      ("Put", ["name": "cup"], "'weight' is missing; 'kind' is missing"),
      ("Open", ["wide": true], "there is no parameter 'wide': there are none"),
    ] as [(String, JSONValue, String)]
  ) func `says why nothing can be decided`(command: String, data: JSONValue, message: String) async throws {
    let error = await #expect(throws: AggregateTest<Chest>.Mistake.self) {
      try await chest.when(command, data)
    }
    #expect(error?.description == message)
  }

  @Test(
    arguments: [
      (["state": ["things": 7]], "the state cannot be read: a list was expected for 'things'"),
      (
        ["events": [["type": "put", "id": "e1"]]],
        "the event 'put' with the id 'e1' cannot be added: a mapping was expected for ''"
      ),
      (["command": ["name": "Whistle"]], "there is no command 'Whistle'"),
    ] as [(JSONValue, String)]
  ) func `fails for good when a question makes no sense`(question: JSONValue, message: String) async throws {
    let reply = try await ListenerTest(Chests.self).run("aggregate:chest", question)
    #expect(reply.failure == message)
  }

  @Test func `passes over events that do not change it`() async throws {
    let reply = try await ListenerTest(Chests.self).run(
      "aggregate:chest",
      ["events": [["type": "other", "id": "1"], ["type": "owned", "id": "2", "data": "Bo"]]]
    )
    #expect(reply.output?["state"]?["owner"] == "Bo")
  }
}
