// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel

/// How a value is read from a node, and what JSON Schema says of it.
struct Shape<Value>: Sendable {
  /// The value, or nil after a report.
  let read: @Sendable (YAMLNode, inout NodeReader) -> Value?
  let schema: JSONValue

  init(schema: JSONValue, read: @escaping @Sendable (YAMLNode, inout NodeReader) -> Value?) {
    self.read = read
    self.schema = schema
  }
}

extension Shape where Value == String {
  /// Any text; a number or boolean is taken for a slip.
  static let text = Shape(schema: ["type": "string"]) { node, reader in
    if case .scalar(let scalar) = node.content, case .string(let text) = scalar.value { return text }
    let isScalar = node.text != nil && node.text != ""
    reader.expected("a text", node, help: isScalar ? "put it in quotes" : nil)
    return nil
  }
}

extension Shape where Value == Bool {
  static let boolean = Shape(schema: ["type": "boolean"]) { node, reader in
    if case .scalar(let scalar) = node.content, case .bool(let value) = scalar.value { return value }
    let isOldBoolean = ["on", "off", "yes", "no"].contains(node.text?.lowercased() ?? "")
    reader.expected("true or false", node, help: isOldBoolean ? "write true or false" : nil)
    return nil
  }
}

extension Shape where Value == Int {
  static func integer(_ range: ClosedRange<Int>) -> Shape {
    let schema: JSONValue = [
      "type": "integer", "minimum": .number("\(range.lowerBound)"), "maximum": .number("\(range.upperBound)"),
    ]
    return Shape(schema: schema) { node, reader in
      guard case .scalar(let scalar) = node.content, let value = scalar.value.int else {
        reader.expected("a whole number", node)
        return nil
      }
      guard range.contains(value) else {
        let message = "a number from \(range.lowerBound) to \(range.upperBound) was expected, not \(value)"
        reader.report(.range, message, at: node.range)
        return nil
      }
      return value
    }
  }
}

extension Shape where Value == Double {
  static func number(_ range: ClosedRange<Double>) -> Shape {
    Shape(schema: ["type": "number"]) { node, reader in
      guard case .scalar(let scalar) = node.content, case .number(let text) = scalar.value,
        let value = Double(text)
      else {
        reader.expected("a number", node)
        return nil
      }
      guard range.contains(value) else {
        let message = "a number from \(range.lowerBound) to \(range.upperBound) was expected, not \(text)"
        reader.report(.range, message, at: node.range)
        return nil
      }
      return value
    }
  }
}

extension Shape where Value == Duration {
  static let duration = Shape(schema: ["type": "string", "format": "duration"]) { node, reader in
    let text = node.text ?? ""
    guard case .scalar(let scalar) = node.content else {
      reader.expected("a duration such as 10s", node)
      return nil
    }
    if let duration = DurationText.duration(of: text) { return duration }
    var help = "write for example 500ms, 10s, 5m, 1h30m or 7d"
    if case .number = scalar.value { help = "a number needs a unit: \(text)s, \(text)m" }
    reader.report(.duration, "'\(text)' is not a duration", at: node.range, help: help)
    return nil
  }
}

extension Shape where Value == Duration {
  /// A duration that is longer than nothing.
  static let positiveDuration = Shape(schema: duration.schema) { node, reader in
    guard let duration = Shape.duration.read(node, &reader) else { return nil }
    guard duration >= .milliseconds(1) else {
      reader.report(.range, "a duration of at least 1ms was expected", at: node.range)
      return nil
    }
    return duration
  }
}

extension Shape {
  /// One of some words.
  static func word() -> Shape
  where Value: RawRepresentable & CaseIterable & Sendable, Value.RawValue == String {
    let known = Value.allCases.map(\.rawValue)
    return Shape(schema: ["type": "string", "enum": .array(known.map { .string($0) })]) { node, reader in
      let word = node.text ?? ""
      if let value = Value(rawValue: word) { return value }
      let help = Suggestion.help(for: word, among: known) ?? "give one of \(known.joined(separator: ", "))"
      reader.report(.policy, "'\(word)' is not possible here", at: node.range, help: help)
      return nil
    }
  }

  /// A value with the place at which it stands.
  static func placed<Inner>(_ inner: Shape<Inner>) -> Shape where Value == (Inner, range: Range<Int>) {
    Shape(schema: inner.schema) { node, reader in inner.read(node, &reader).map { ($0, range: node.range) } }
  }

  /// A list; where one element stands alone, it is taken for a list of one.
  static func oneOrMore<Element>(_ element: Shape<Element>) -> Shape where Value == [Element] {
    let schema: JSONValue = ["anyOf": [element.schema, ["type": "array", "items": element.schema]]]
    return Shape(schema: schema) { node, reader in
      guard case .sequence(let elements) = node.content else {
        return element.read(node, &reader).map { [$0] }
      }
      if elements.isEmpty { reader.report(.range, "the list is empty", at: node.range) }
      return elements.compactMap { element.read($0, &reader) }
    }
  }

  static func list<Element>(_ element: Shape<Element>) -> Shape where Value == [Element] {
    Shape(schema: ["type": "array", "items": element.schema]) { node, reader in
      guard case .sequence(let elements) = node.content else {
        reader.expected("a list", node)
        return nil
      }
      return elements.compactMap { element.read($0, &reader) }
    }
  }

  /// A mapping whose keys are ids.
  static func byID<Element>(_ element: Shape<Element>) -> Shape where Value == [Identified<Element>] {
    Shape(schema: ["type": "object", "additionalProperties": element.schema]) { node, reader in
      guard case .mapping(let members) = node.content else {
        reader.expected("a mapping from ids", node)
        return nil
      }
      return members.compactMap { member in
        IDRules.check(member.key, &reader)
        return element.read(member.value, &reader).map {
          Identified(id: member.name, place: member.key.range, value: $0)
        }
      }
    }
  }

  /// The node itself, to be looked at later.
  static func node(_ schema: JSONValue) -> Shape where Value == YAMLNode {
    Shape(schema: schema) { node, _ in node }
  }
}

extension Shape where Value == RuleStart {
  static let start = Shape(schema: ["type": "string"]) { node, reader in
    let text = node.text ?? ""
    if text == "now" { return .now }
    if text == "beginning" { return .beginning }
    if text.hasPrefix("last "), let duration = DurationText.duration(of: String(text.dropFirst(5))) {
      return .last(duration)
    }
    if let time = Timestamp(rfc3339: text) { return .time(time) }
    let help = "write now, beginning, 2026-01-31T00:00:00Z or last 24h"
    reader.report(.policy, "'\(text)' is not a start", at: node.range, help: help)
    return nil
  }
}

/// A value with the id under which it stands.
struct Identified<Value> {
  let id: String
  let place: Range<Int>
  let value: Value
}

/// What may be an id of a rule, source, step or listener.
enum IDRules {
  static func check(_ node: YAMLNode, _ reader: inout NodeReader) {
    let name = node.text ?? ""
    let isID = name.utf8.allSatisfy { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
        || byte == UInt8(ascii: "_")
    }
    if isID, (1...64).contains(name.utf8.count) { return }
    let help = "use up to 64 letters, digits, - and _"
    reader.report(.id, "'\(name)' cannot be an id", at: node.range, help: help)
  }
}
