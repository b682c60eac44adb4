// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel

/// One key that a mapping may hold.
struct Field<Draft>: Sendable {
  let name: String
  let summary: String
  let isRequired: Bool
  let schema: JSONValue
  let read: @Sendable (YAMLNode, inout Draft, inout NodeReader) -> Void

  /// Declares a key; `store` takes its value when it could be read.
  init<Value>(
    _ name: String,
    _ summary: String,
    _ shape: Shape<Value>,
    isRequired: Bool = false,
    store: @escaping @Sendable (inout Draft, Value) -> Void
  ) {
    self.name = name
    self.summary = summary
    self.isRequired = isRequired
    schema = shape.schema
    read = { node, draft, reader in
      if let value = shape.read(node, &reader) { store(&draft, value) }
    }
  }
}

/// The declaration of a mapping with known keys.
struct Record<Draft>: Sendable {
  /// What the mapping is, for messages.
  let name: String
  private let fields: [Field<Draft>]
  private let byName: [String: Int]
  /// Keys of the language that this version does not understand yet.
  private let unavailable: Set<String>
  private let make: @Sendable (Range<Int>) -> Draft

  init(
    _ name: String,
    make: @escaping @Sendable (Range<Int>) -> Draft,
    fields: [Field<Draft>],
    unavailable: Set<String> = []
  ) {
    self.name = name
    self.make = make
    self.fields = fields
    self.unavailable = unavailable
    byName = Dictionary(uniqueKeysWithValues: fields.enumerated().map { ($1.name, $0) })
  }

  /// The mapping as a shape.
  var shape: Shape<Draft> { Shape(schema: schema) { node, reader in read(node, &reader) } }

  func read(_ node: YAMLNode, _ reader: inout NodeReader) -> Draft? {
    guard case .mapping(let members) = node.content else {
      let keys = fields.map(\.name).joined(separator: ", ")
      reader.expected(name, node, help: "a mapping with keys among \(keys)")
      return nil
    }
    var draft = make(node.range)
    var found: Set<Int> = []
    for member in members {
      if let index = byName[member.name] {
        found.insert(index)
        fields[index].read(member.value, &draft, &reader)
      } else {
        reportUnknown(member.key, &reader)
      }
    }
    for (index, field) in fields.enumerated() where field.isRequired && !found.contains(index) {
      let start = node.range.lowerBound
      reader.report(
        .missingKey,
        "\(name) needs '\(field.name)'",
        at: start..<start + 1,
        help: field.summary
      )
    }
    return draft
  }

  private func reportUnknown(_ key: YAMLNode, _ reader: inout NodeReader) {
    let word = key.text ?? ""
    if unavailable.contains(word) {
      reader.report(.unavailable, "'\(word)' is not available in this version", at: key.range)
      return
    }
    let help =
      word == "<<"
      ? "merge keys are not part of YAML 1.2; repeat the keys"
      : Suggestion.help(for: word, among: fields.map(\.name))
    reader.report(.unknownKey, "\(name) has no key '\(word)'", at: key.range, help: help)
  }

  private var schema: JSONValue {
    let properties = fields.map { field -> JSONValue.Member in
      guard case .object(let members) = field.schema else { preconditionFailure("a schema is an object") }
      return JSONValue.Member(
        field.name,
        .object(members + [JSONValue.Member("description", .string(field.summary))])
      )
    }
    return [
      "type": "object", "properties": .object(properties), "additionalProperties": false,
      "required": .array(fields.filter(\.isRequired).map { .string($0.name) }),
    ]
  }
}
