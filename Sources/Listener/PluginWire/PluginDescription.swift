// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// What a plugin says of itself in its `hello`.
public struct PluginDescription: Sendable, Hashable {
  /// The name by which rules call it.
  public let name: String
  /// The plugin's own version.
  public let version: String
  /// What it can do.
  public let actions: [ActionDescription]
  /// The aggregates that it makes the states of.
  public let aggregates: [AggregateDescription]

  /// Makes a description.
  public init(
    name: String,
    version: String,
    actions: [ActionDescription],
    aggregates: [AggregateDescription] = []
  ) {
    self.name = name
    self.version = version
    self.actions = actions
    self.aggregates = aggregates
  }

  /// The action of that name.
  public func action(named name: String) -> ActionDescription? { actions.first { $0.name == name } }

  /// The aggregate of that name.
  public func aggregate(named name: String) -> AggregateDescription? {
    aggregates.first { $0.name == name }
  }
}

/// One thing that a plugin can do.
public struct ActionDescription: Sendable, Hashable {
  /// What it means to do the action twice.
  public enum Effects: String, Sendable, Hashable, CaseIterable {
    /// It changes nothing.
    case none
    /// Doing it again with the same key or parameters is the same as doing it once.
    case idempotent
    /// It cannot be taken back, and a repetition is noticed.
    case irreversible
  }

  /// The name by which rules call it, after the plugin's and a dot.
  public let name: String
  /// What it does, in a sentence.
  public let summary: String
  /// What it takes.
  public let parameters: ParameterSchema
  /// What it means to do it twice.
  public let effects: Effects
  /// The parameters that name what it changes: an absolute path of a file or folder, or a list of such.
  public let writes: [String]

  /// Makes a description.
  public init(
    name: String,
    summary: String,
    parameters: ParameterSchema,
    effects: Effects,
    writes: [String] = []
  ) {
    self.name = name
    self.summary = summary
    self.parameters = parameters
    self.effects = effects
    self.writes = writes
  }

  /// The description as it stands in `hello`.
  public var json: JSONValue {
    var members: [JSONValue.Member] = [
      .init("name", .string(name)), .init("summary", .string(summary)),
      .init("effects", .string(effects.rawValue)),
    ]
    if !writes.isEmpty { members.append(.init("writes", .array(writes.map { .string($0) }))) }
    members.append(.init("parameters", parameters.json))
    return .object(members)
  }

  init?(json: JSONView) {
    guard let name = json["name"]?.string, !name.isEmpty else { return nil }
    self.init(
      name: name,
      summary: json["summary"]?.string ?? "",
      parameters: json["parameters"].map(ParameterSchema.init(json:)) ?? .any,
      effects: (json["effects"]?.string).flatMap(Effects.init(rawValue:)) ?? .irreversible,
      writes: json["writes"]?.elements.compactMap(\.string) ?? []
    )
  }
}
