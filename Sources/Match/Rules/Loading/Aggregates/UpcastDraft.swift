// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import Expressions

/// How older events are to be read, as written.
struct UpcastDraft {
  private var type: YAMLNode?
  private var condition: YAMLNode?
  private var newType: YAMLNode?
  private var data: YAMLNode?

  static let record = Record(
    "an upcast",
    make: { _ in UpcastDraft() },
    fields: [
      Field("type", "The type of the older events.", .node(["type": "string"]), isRequired: true) {
        $0.type = $1
      },
      Field("condition", "What else must hold of them, in CEL.", .node(["type": ["string", "boolean"]])) {
        $0.condition = $1
      },
      Field("as", "The type as which they are read.", .node(["type": "string"])) { $0.newType = $1 },
      Field("data", "The members of their data that change, in CEL over `event`.", .node(["type": "object"]))
      {
        $0.data = $1
      },
    ]
  )

  /// The upcast, or nil after a report.
  func upcast(_ values: ValueReader, _ reader: inout NodeReader) -> Aggregate.Upcast? {
    guard let type = type.flatMap({ EventTypeReader.type($0, &reader) }) else { return nil }
    let newType = newType.map { EventTypeReader.type($0, &reader) }
    let condition = condition.map { ConditionReader.condition($0, in: values.environment, &reader) }
    let data = data.map { values.members($0, &reader) }
    if case .some(nil) = newType { return nil }
    if case .some(nil) = condition { return nil }
    if case .some(nil) = data { return nil }
    return Aggregate.Upcast(
      type: type,
      condition: condition ?? nil,
      newType: newType ?? nil,
      data: (data ?? nil) ?? []
    )
  }

  /// What it says, by which another one is told from it.
  var text: String {
    [type, condition, newType, data].map { $0?.json.json ?? "" }.joined(separator: "\u{0}")
  }
}

/// Reads the types of events, without patterns.
enum EventTypeReader {
  /// The type that a scalar names, or nil after a report.
  static func type(_ node: YAMLNode, _ reader: inout NodeReader) -> String? {
    let text = node.text ?? ""
    guard let pattern = TypePattern(text), !pattern.isPrefix else {
      let help = "write one type, such as order.created"
      reader.report(.eventType, "'\(text)' is not the type of an event", at: node.range, help: help)
      return nil
    }
    return text
  }
}

extension Shape {
  /// A mapping whose keys are types of events.
  static func byType<Element>(_ element: Shape<Element>) -> Shape where Value == [Identified<Element>] {
    Shape(schema: ["type": "object", "additionalProperties": element.schema]) { node, reader in
      guard case .mapping(let members) = node.content, !members.isEmpty else {
        reader.expected("a mapping from types of events", node)
        return nil
      }
      return members.compactMap { member in
        guard let type = EventTypeReader.type(member.key, &reader) else { return nil }
        return element.read(member.value, &reader).map {
          Identified(id: type, place: member.key.range, value: $0)
        }
      }
    }
  }
}
