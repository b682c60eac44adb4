// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// A JSON value whose texts may hold expressions.
public indirect enum ValueTemplate: Sendable {
  case constant(JSONValue)
  case template(Template)
  case list([ValueTemplate])
  case object([Member])

  /// A key with its value; keys hold no expressions.
  public struct Member: Sendable {
    /// The key.
    public let key: String
    /// The value.
    public let value: ValueTemplate

    /// Makes a member.
    public init(_ key: String, _ value: ValueTemplate) {
      self.key = key
      self.value = value
    }
  }

  /// Whether the value depends on the event.
  public var readsEvent: Bool { expressions.contains(where: \.readsEvent) }

  /// Whether the value depends on the list of all events that the rule reacts to.
  public var readsEvents: Bool { expressions.contains(where: \.readsEvents) }

  /// All expressions in the value.
  private var expressions: [Expression] {
    switch self {
    case .constant: []
    case .template(let template): template.expressions
    case .list(let elements): elements.flatMap(\.expressions)
    case .object(let members): members.flatMap(\.value.expressions)
    }
  }

  /// The value for an event.
  public func value(in scope: Scope) throws(EvaluationError) -> JSONValue {
    switch self {
    case .constant(let value): return value
    case .template(let template): return try template.value(in: scope)
    case .list(let elements):
      var values: [JSONValue] = []
      for element in elements { values.append(try element.value(in: scope)) }
      return .array(values)
    case .object(let members):
      var values: [JSONValue.Member] = []
      for member in members { values.append(JSONValue.Member(member.key, try member.value.value(in: scope))) }
      return .object(values)
    }
  }
}
