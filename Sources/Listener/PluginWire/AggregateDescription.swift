// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// An aggregate that a plugin makes the states of, as it stands in `hello`.
public struct AggregateDescription: Sendable, Hashable {
  /// What can be asked of its things.
  public struct Command: Sendable, Hashable {
    /// The command's name, unique in its aggregate.
    public let name: String
    /// What it does, in a sentence; may be empty.
    public let summary: String
    /// What is to be said with it.
    public let parameters: ParameterSchema
    /// The type of the event that tells of a refusal; nil for none.
    public let refused: String?

    /// Makes a description.
    public init(name: String, summary: String = "", parameters: ParameterSchema, refused: String? = nil) {
      self.name = name
      self.summary = summary
      self.parameters = parameters
      self.refused = refused
    }

    var json: JSONValue {
      var members: [JSONValue.Member] = [.init("name", .string(name)), .init("summary", .string(summary))]
      if let refused { members.append(.init("refused", .string(refused))) }
      return .object(members + [.init("parameters", parameters.json)])
    }

    init?(json: JSONView) {
      guard let name = json["name"]?.string, !name.isEmpty else { return nil }
      self.init(
        name: name,
        summary: json["summary"]?.string ?? "",
        parameters: json["parameters"].map(ParameterSchema.init(json:)) ?? .any,
        refused: json["refused"]?.string
      )
    }
  }

  /// The name by which rule files use it, after the plugin's and a dot.
  public let name: String
  /// What it is, in a sentence; may be empty.
  public let summary: String
  /// The types of the events that change its states.
  public let events: [String]
  /// What can be asked.
  public let commands: [Command]

  /// Makes a description.
  public init(name: String, summary: String = "", events: [String], commands: [Command]) {
    self.name = name
    self.summary = summary
    self.events = events
    self.commands = commands
  }

  /// The description as it stands in `hello`.
  public var json: JSONValue {
    [
      "name": .string(name), "summary": .string(summary),
      "events": .array(events.map { .string($0) }), "commands": .array(commands.map(\.json)),
    ]
  }

  init?(json: JSONView) {
    guard let name = json["name"]?.string, !name.isEmpty else { return nil }
    self.init(
      name: name,
      summary: json["summary"]?.string ?? "",
      events: json["events"]?.elements.compactMap(\.string) ?? [],
      commands: json["commands"]?.elements.compactMap(Command.init(json:)) ?? []
    )
  }
}
