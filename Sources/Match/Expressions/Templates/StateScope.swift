// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// What is asked of an aggregate, as expressions see it.
public struct CommandContent: Sendable {
  /// The id by which the command is known.
  public let id: String
  /// What is asked.
  public let name: String
  /// Of which one of the aggregate's things.
  public let key: String
  /// What else is said; a JSON object.
  public let data: JSONValue

  /// Makes a command.
  public init(id: String, name: String, key: String, data: JSONValue) {
    self.id = id
    self.name = name
    self.key = key
    self.data = data
  }

  var value: Value {
    .map(
      MapValue([
        (key: "id", value: .text(id)), (key: "name", value: .text(name)), (key: "key", value: .text(key)),
        (key: "data", value: Value(data)),
      ])
    )
  }
}

extension Scope {
  /// Makes the scope of what changes a state by an event.
  public init(event: JSONContent, state: JSONValue) {
    self.init([event.value(at: 0), Value(state), .map(.empty), .map(.empty), .list([])])
  }

  /// Makes the scope of what decides on a command.
  public init(command: CommandContent, state: JSONValue, in surroundings: ScopeSurroundings) {
    self.init([.map(.empty), Value(state), command.value, surroundings.environment, .list([])])
  }
}

extension ExpressionEnvironment {
  /// What tells how an event changes a state may speak of: `event` and `state`, of which `fields` are the members; nil for
  /// any.
  ///
  /// Nothing else, so that the state follows from the events alone.
  public static func evolving(fields: [String]?) -> ExpressionEnvironment {
    state(fields, of: ["event", "state", "@command", "@env", "@events"], data: [])
  }

  /// What decides on a command may speak of: `state`, `command` with the parameters as its `data`, and `env`.
  public static func deciding(fields: [String]?, parameters: [String]) -> ExpressionEnvironment {
    state(fields, of: ["@event", "state", "command", "env", "@events"], data: parameters)
  }

  private static func state(_ fields: [String]?, of names: [String], data: [String])
    -> ExpressionEnvironment
  {
    let types: [ExpressionType] = [
      .record(event), .record(state(fields)), .record(command(data)), .map(.string, .string),
      .list(.record(event)),
    ]
    return ExpressionEnvironment(variables: zip(names, types).map { Variable($0, $1) })
  }

  private static func state(_ fields: [String]?) -> RecordType {
    RecordType(
      name: "state",
      missing: "the state has no '%'",
      fields: Dictionary((fields ?? []).map { ($0, .dyn) }) { first, _ in first },
      others: fields == nil ? .dyn : nil
    )
  }

  private static func command(_ parameters: [String]) -> RecordType {
    let data = RecordType(
      name: "data",
      missing: "the command has no parameter '%'",
      fields: Dictionary(parameters.map { ($0, .dyn) }) { first, _ in first }
    )
    return RecordType(
      name: "command",
      missing: "a command has no '%'; it has an id, a name, a key and data",
      fields: ["id": .string, "name": .string, "key": .string, "data": .record(data)]
    )
  }
}
