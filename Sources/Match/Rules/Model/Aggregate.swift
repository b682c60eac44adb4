// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import Expressions
public import PluginWire

/// Things of one kind whose state follows from their events, and that are asked by commands to change.
///
/// Never changes; safe to use from any number of threads.
public final class Aggregate: Sendable {
  /// The aggregate's id, unique in its set.
  public let id: String
  /// What it is; may be empty.
  public let description: String
  /// What tells the things apart, of an event; nil when the event's subject says it, as `account/42` does for an aggregate
  /// `account`.
  public let key: Key?
  /// What makes the states and decides on commands instead of expressions; nil for an aggregate that a rule file says all of.
  public let plugin: PluginAggregate?
  /// The types of the events that belong to the streams, sorted.
  public let types: [String]
  /// The state of a thing without events; a JSON object.
  public let initial: JSONValue
  /// How an event changes the state, by the event's type.
  public let evolutions: [String: Evolution]
  /// How older events are to be read, in the order in which that is done.
  public let upcasts: [Upcast]
  /// What can be asked, in the order of the file.
  public let commands: [Command]
  /// The name under which a log keeps the aggregate's streams: it changes with what says which events belong to them.
  public let streamOwner: String
  /// A hash of what makes the state of the events: a state that was made under another one is worth nothing.
  public let foldHash: String

  init(
    id: String,
    description: String,
    key: Key?,
    initial: JSONValue,
    evolutions: [String: Evolution],
    upcasts: [Upcast],
    commands: [Command],
    foldHash: String
  ) {
    self.id = id
    self.description = description
    self.key = key
    self.initial = initial
    self.evolutions = evolutions
    self.upcasts = upcasts
    self.commands = commands
    self.foldHash = foldHash
    plugin = nil
    types = Set(evolutions.keys).union(upcasts.map(\.type)).sorted()
    streamOwner = Self.streamOwner(id: id, key, types)
  }

  /// An aggregate whose states a plugin makes, of events of these types.
  init(
    id: String,
    description: String,
    key: Key?,
    plugin: PluginAggregate,
    types: [String],
    commands: [Command],
    foldHash: String
  ) {
    self.id = id
    self.description = description
    self.key = key
    self.plugin = plugin
    self.types = Set(types).sorted()
    self.commands = commands
    self.foldHash = foldHash
    initial = .null
    evolutions = [:]
    upcasts = []
    streamOwner = Self.streamOwner(id: id, key, self.types)
  }

  private static func streamOwner(id: String, _ key: Key?, _ types: [String]) -> String {
    StreamOwner.name(aggregate: id, hash: ShortHash.text([key?.expression.text ?? "", id] + types))
  }

  /// The command of that name.
  public func command(named name: String) -> Command? { commands.first { $0.name == name } }
}

extension Aggregate {
  /// How an event changes the state.
  public enum Evolution: Sendable {
    /// The new state.
    case whole(Condition)
    /// The values of some members of the state; the others stay.
    case members([(name: String, value: Condition)])
  }

  /// How an older event is to be read.
  public struct Upcast: Sendable {
    /// The type of the older events.
    public let type: String
    /// What else must hold of them.
    public let condition: Condition?
    /// The type as which they are read; nil for their own.
    public let newType: String?
    /// The members of their data that change, with what they are then; the others stay.
    public let data: [(name: String, value: Condition)]
  }

  /// What can be asked of a thing.
  public struct Command: Sendable {
    /// The command's name, unique in its aggregate.
    public let name: String
    /// What it does; may be empty.
    public let description: String
    /// What is to be said with it.
    public let parameters: ParameterSchema
    /// What must hold, in order.
    public let requirements: [Requirement]
    /// The events that it appends, in order.
    public let events: [Emitted]
    /// The type of the event that tells of a refusal; nil for none.
    public let refusal: String?
  }

  /// What must hold for a command to be accepted.
  public struct Requirement: Sendable {
    /// What must be true.
    public let condition: Condition
    /// What is said when it is not.
    public let message: ValueTemplate
  }

  /// An event that a command appends.
  public struct Emitted: Sendable {
    /// When it is appended; nil for always.
    public let condition: Condition?
    /// The event; a JSON object.
    public let event: ValueTemplate
  }
}

/// An aggregate of a plugin.
public struct PluginAggregate: Sendable, Hashable, CustomStringConvertible {
  /// The plugin's name.
  public let plugin: String
  /// What the plugin calls it.
  public let name: String

  /// Makes a name.
  public init(plugin: String, name: String) {
    self.plugin = plugin
    self.name = name
  }

  /// As rule files write it.
  public var description: String { "\(plugin).\(name)" }
}

/// The names under which logs keep streams.
public enum StreamOwner {
  private static let suffix = "/stream"

  /// The owner of an aggregate's streams.
  static func name(aggregate: String, hash: String) -> String { "\(aggregate)/\(hash)\(suffix)" }

  /// The owner of the streams of a view's rows.
  static func name(view: String, hash: String) -> String { "\(view)/view-\(hash)\(suffix)" }

  /// Whether a name is that of an owner of streams.
  public static func isOne(_ name: String) -> Bool { name.hasSuffix(suffix) }
}
