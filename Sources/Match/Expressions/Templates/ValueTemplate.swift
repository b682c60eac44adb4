// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// A JSON value whose texts may hold expressions.
public struct ValueTemplate: Sendable {
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

  private indirect enum Form: Sendable {
    case constant(JSONValue)
    case template(Template)
    case list([ValueTemplate])
    case object([Member])
  }

  private let form: Form
  /// The value as JSON text, if it depends on nothing.
  public let constantJSON: [UInt8]?
  /// Whether the value depends on the event.
  public let readsEvent: Bool
  /// Whether the value depends on the list of all events that the rule reacts to.
  public let readsEvents: Bool

  private init(_ form: Form, of parts: [ValueTemplate]) {
    self.form = form
    readsEvent = parts.contains(where: \.readsEvent)
    readsEvents = parts.contains(where: \.readsEvents)
    guard parts.allSatisfy({ $0.constantJSON != nil }), let value = Self.constant(form) else {
      constantJSON = nil
      return
    }
    var bytes: [UInt8] = []
    value.appendJSON(to: &bytes)
    constantJSON = bytes
  }

  private init(_ template: Template) {
    form = .template(template)
    constantJSON = nil
    readsEvent = template.expressions.contains(where: \.readsEvent)
    readsEvents = template.expressions.contains(where: \.readsEvents)
  }

  /// A value that depends on nothing.
  public static func constant(_ value: JSONValue) -> ValueTemplate { ValueTemplate(.constant(value), of: []) }

  /// A text with expressions.
  public static func template(_ template: Template) -> ValueTemplate { ValueTemplate(template) }

  /// A list of values.
  public static func list(_ elements: [ValueTemplate]) -> ValueTemplate {
    ValueTemplate(.list(elements), of: elements)
  }

  /// An object with these members.
  public static func object(_ members: [Member]) -> ValueTemplate {
    ValueTemplate(.object(members), of: members.map(\.value))
  }

  /// The value for an event.
  public func value(in scope: Scope) throws(EvaluationError) -> JSONValue {
    switch form {
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

  /// The value under a key; nil when there is none, or this is no object.
  public func member(_ key: String) -> ValueTemplate? {
    switch form {
    case .object(let members): members.first { $0.key == key }?.value
    case .constant(let value): value[key].map { .constant($0) }
    case .template, .list: nil
    }
  }

  /// The value of a form whose parts depend on nothing.
  private static func constant(_ form: Form) -> JSONValue? {
    switch form {
    case .constant(let value): value
    case .template: nil
    case .list(let elements): .array(elements.compactMap { constant($0.form) })
    case .object(let members):
      .object(
        members.compactMap { member in
          constant(member.value.form).map { JSONValue.Member(member.key, $0) }
        }
      )
    }
  }
}
