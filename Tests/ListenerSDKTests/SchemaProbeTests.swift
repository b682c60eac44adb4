// SPDX-License-Identifier: Apache-2.0

import EventModel
import ListenerSDK
import PluginWire
import Testing

@Suite struct SchemaProbeTests {
  enum Level: String, CaseIterable, Decodable { case low, high }

  struct Address: Decodable {
    let street: String
    let number: Int?
  }

  struct Everything: Action {
    let text: String
    let count: Int
    let share: Double
    let flag: Bool?
    let level: Level
    let tags: [String]
    let headers: [String: String]?
    let address: Address
    let rows: [Address]
    let body: JSONValue?

    func run(_ context: ActionContext) async throws -> ActionResult { .done }
  }

  @Test func `finds the schema of a type from the type alone`() {
    let address: ParameterSchema = .object([
      .init("street", .string(allowed: []), isRequired: true),
      .init("number", .integer, isRequired: false),
    ])
    let expected: ParameterSchema = .object([
      .init("text", .string(allowed: []), isRequired: true),
      .init("count", .integer, isRequired: true),
      .init("share", .number, isRequired: true),
      .init("flag", .boolean, isRequired: false),
      .init("level", .string(allowed: ["low", "high"]), isRequired: true),
      .init("tags", .list(.string(allowed: [])), isRequired: true),
      .init("headers", .map(.string(allowed: [])), isRequired: false),
      .init("address", address, isRequired: true),
      .init("rows", .list(address), isRequired: true),
      .init("body", .any, isRequired: false),
    ])
    #expect(ActionDefinition("x", Everything.self).description.parameters == expected)
  }

  struct Checked: Action {
    let port: Int

    init(from decoder: any Decoder) throws {
      enum Key: CodingKey { case port }
      port = try decoder.container(keyedBy: Key.self).decode(Int.self, forKey: .port)
      guard port > 0 else { throw ActionError.fail("no port") }
    }

    func run(_ context: ActionContext) async throws -> ActionResult { .done }
  }

  @Test func `says nothing of a type that refuses empty values`() {
    #expect(ActionDefinition("x", Checked.self).description.parameters == .any)
  }

  @Test func `survives the way through JSON Schema`() throws {
    let schema = ActionDefinition("x", Everything.self).description.parameters
    let document = try JSONDocument(Array(schema.json.json.utf8))
    #expect(ParameterSchema(json: document.root) == schema)
  }
}
