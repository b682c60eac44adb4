// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import PluginWire

/// Things of one kind, whose states this type holds: what events change them, and what can be asked of them.
///
///     struct Stock: Aggregate {
///       var there = 0
///
///       static let events = [
///         event("stock.received", Quantity.self) { $0.there += $1.amount },
///         event("stock.reserved", Quantity.self) { $0.there -= $1.amount },
///       ]
///       static let commands = [
///         command("Reserve", Quantity.self, summary: "Puts goods aside.") { stock, wanted in
///           guard stock.there >= wanted.amount else { throw Refusal("only \(stock.there) are there") }
///           return [try CloudEvent("stock.reserved", wanted)]
///         }
///       ]
///     }
///
/// The state follows from the events alone: what changes it may not look at a clock, at files, or at anything else. It
/// is kept as JSON between two events, as `Codable` says.
public protocol Aggregate: Codable, Sendable {
  /// How events change the state.
  static var events: [EventDefinition<Self>] { get }
  /// What can be asked of a thing.
  static var commands: [CommandDefinition<Self>] { get }
  /// The state of a thing without events.
  init()
}

/// The answer of a command that does not allow what is asked.
public struct Refusal: Error, Sendable, Hashable {
  /// Why, in words for whoever asked.
  public let message: String

  /// Makes a refusal.
  public init(_ message: String) { self.message = message }
}

/// A command, beside its parameters.
public struct CommandContext: Sendable, Hashable {
  /// The id by which the command is known.
  public let id: String
  /// Of which one of the aggregate's things something is asked.
  public let key: String
}

/// How one type of event changes the state.
public struct EventDefinition<State: Aggregate>: Sendable {
  /// The event's type.
  public let type: String
  let evolve: @Sendable (inout State, JSONDocument) throws -> Void
}

/// What can be asked, and what is decided on it.
public struct CommandDefinition<State: Aggregate>: Sendable {
  /// What the host is told.
  public let description: AggregateDescription.Command
  let decide: @Sendable (State, JSONView, CommandContext) throws -> [CloudEvent]
}

extension Aggregate {
  /// An event that changes the state by its data.
  public static func event<Content: Decodable & Sendable>(
    _ type: String,
    _ content: Content.Type,
    _ evolve: @escaping @Sendable (inout Self, Content) throws -> Void
  ) -> EventDefinition<Self> {
    event(type, content) { state, content, _ in try evolve(&state, content) }
  }

  /// An event that changes the state by its data and what else it says, such as its time.
  public static func event<Content: Decodable & Sendable>(
    _ type: String,
    _ content: Content.Type,
    _ evolve: @escaping @Sendable (inout Self, Content, CloudEvent) throws -> Void
  ) -> EventDefinition<Self> {
    EventDefinition(type: type) { state, event in
      let nothing = try JSONDocument(Array("null".utf8))
      let content = try ParameterDecoder.decode(content, from: event.root["data"] ?? nothing.root)
      try evolve(&state, content, CloudEvent(canonical: Array(event.root.text)))
    }
  }

  /// An event that changes the state whatever its data.
  public static func event(
    _ type: String,
    _ evolve: @escaping @Sendable (inout Self, CloudEvent) throws -> Void
  ) -> EventDefinition<Self> {
    EventDefinition(type: type) { try evolve(&$0, CloudEvent(canonical: Array($1.root.text))) }
  }

  /// A command; its parameters' schema comes from the type.
  ///
  /// `decide` gives the events to append, or throws a `Refusal`. They get the thing as their subject unless they name
  /// another one. `refused` is the type of an event that is to tell of refusals.
  public static func command<Parameters: Decodable & Sendable>(
    _ name: String,
    _ parameters: Parameters.Type,
    summary: String = "",
    refused: String? = nil,
    _ decide: @escaping @Sendable (Self, Parameters) throws -> [CloudEvent]
  ) -> CommandDefinition<Self> {
    command(name, parameters, summary: summary, refused: refused) { state, parameters, _ in
      try decide(state, parameters)
    }
  }

  /// A command that is decided on also by its id, or by the key of its thing.
  public static func command<Parameters: Decodable & Sendable>(
    _ name: String,
    _ parameters: Parameters.Type,
    summary: String = "",
    refused: String? = nil,
    _ decide: @escaping @Sendable (Self, Parameters, CommandContext) throws -> [CloudEvent]
  ) -> CommandDefinition<Self> {
    let schema = SchemaProbe.schema(of: parameters)
    return CommandDefinition(
      description: .init(name: name, summary: summary, parameters: schema, refused: refused)
    ) { state, data, context in
      try decide(state, try ParameterDecoder.decode(parameters, from: data), context)
    }
  }

  /// A command without parameters.
  public static func command(
    _ name: String,
    summary: String = "",
    refused: String? = nil,
    _ decide: @escaping @Sendable (Self) throws -> [CloudEvent]
  ) -> CommandDefinition<Self> {
    CommandDefinition(
      description: .init(name: name, summary: summary, parameters: .object([]), refused: refused)
    ) { state, _, _ in try decide(state) }
  }
}

extension CloudEvent {
  /// Makes an event of a type that carries a value.
  ///
  /// - Throws: `EncodingError` for a value that JSON does not know, such as an infinite number.
  public init(_ type: String, _ data: some Encodable) throws {
    self.init(type: type, data: try ValueEncoder.json(data))
  }
}
