// SPDX-License-Identifier: Apache-2.0

import EventModel

/// A value of a YAML document together with the bytes that it was read from.
struct YAMLNode: Sendable, Hashable {
  /// What the value is.
  indirect enum Content: Sendable, Hashable {
    case scalar(YAMLScalar)
    case sequence([YAMLNode])
    case mapping([Member])
  }

  /// A key with its value.
  struct Member: Sendable, Hashable {
    let key: YAMLNode
    let value: YAMLNode

    /// The key's text; empty for a key that is not a scalar.
    var name: String { key.text ?? "" }
  }

  let content: Content
  /// The bytes of the document that hold the value.
  let range: Range<Int>

  /// The text of a scalar, whatever its type.
  var text: String? { if case .scalar(let scalar) = content { scalar.text } else { nil } }

  /// What the value is, for messages: "a mapping", "the number 5".
  var summary: String {
    switch content {
    case .mapping: "a mapping"
    case .sequence: "a list"
    case .scalar(let scalar):
      switch scalar.value {
      case .null: "nothing"
      case .bool(let value): "the boolean \(value)"
      case .number: "the number \(scalar.text)"
      default: "the text '\(scalar.text)'"
      }
    }
  }

  /// The value as JSON; keys are taken by their text.
  var json: JSONValue {
    switch content {
    case .scalar(let scalar): scalar.value
    case .sequence(let elements): .array(elements.map(\.json))
    case .mapping(let members): .object(members.map { JSONValue.Member($0.name, $0.value.json) })
    }
  }
}

/// A scalar as written, which its style may bar from being anything but text.
struct YAMLScalar: Sendable, Hashable {
  let text: String
  /// Whether the scalar stands without quotes and so may be a number, a boolean or null.
  let isPlain: Bool
  /// The byte of the document at which the content begins if every character of it stands there as written.
  let contentStart: Int?

  /// The value under the core schema of YAML 1.2.
  var value: JSONValue { isPlain ? CoreSchema.value(of: text) : .string(text) }
}
