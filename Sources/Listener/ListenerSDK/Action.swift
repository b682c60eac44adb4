// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import PluginWire

/// Something that a listener can do; the stored properties are its parameters.
///
/// An optional property is a parameter that may be left out. Property types are texts, numbers, booleans, lists,
/// maps by text, `JSONValue` for anything, enumerations of texts, and types made of these.
public protocol Action: Decodable, Sendable {
  /// Does it, once for each attempt.
  ///
  /// Cancelled when the outcome is no longer wanted. An `ActionError` says whether another attempt makes sense; any
  /// other error is tried again.
  func run(_ context: ActionContext) async throws -> ActionResult
}

/// What came of an action that succeeded.
public struct ActionResult: Sendable, Hashable {
  /// The value that later steps see as `steps.<id>.output`.
  public var output: JSONValue?
  /// Events to append together with the success; either all of it takes effect or nothing.
  public var events: [CloudEvent]

  /// Makes a result.
  public init(output: JSONValue? = nil, events: [CloudEvent] = []) {
    self.output = output
    self.events = events
  }

  /// Success without an output.
  public static let done = ActionResult()

  /// Success with an output.
  public static func output(_ value: JSONValue) -> ActionResult { ActionResult(output: value) }

  /// Success with events.
  public static func emit(_ events: CloudEvent...) -> ActionResult { ActionResult(events: events) }
}

/// How an action failed.
public enum ActionError: Error, Sendable, Hashable {
  /// The failure may pass: try another time, after `after` if given, else as the rule says.
  case retry(_ message: String, after: Duration? = nil)
  /// The failure will not pass: another attempt would fail likewise.
  case fail(_ message: String)
}

/// One attempt, as its action sees it.
public struct ActionContext: Sendable {
  /// The event that the rule matched.
  public let event: JSONDocument
  /// The same at every attempt of the step: what has been done under this key need not be done again.
  public let key: String
  /// Which attempt this is, from 1.
  public let attempt: Int
  /// The rule's id.
  public let rule: String
  /// Whether the event is one of the past that a person has sent to the rule again; its key is another one then.
  public let isReplay: Bool
  /// The listener's settings from the rule files, an object.
  public let settings: JSONValue
  let reportProgress: @Sendable () -> Void

  /// Tells the host that the action is under way, so that its time starts anew.
  public func progress() { reportProgress() }
}

/// An action under its name.
public struct ActionDefinition: Sendable {
  /// What the host is told.
  public let description: ActionDescription
  let perform: @Sendable (JSONView, ActionContext) async throws -> ActionResult

  init(
    _ description: ActionDescription,
    perform: @escaping @Sendable (JSONView, ActionContext) async throws -> ActionResult
  ) {
    self.description = description
    self.perform = perform
  }

  /// Names an action; its parameters' schema comes from the type.
  ///
  /// `writes` are the parameters that name what the action changes, each an absolute path of a file or folder, or a list
  /// of such: a rule is not triggered by what its own run does there.
  public init<Parameters: Action>(
    _ name: String,
    _ type: Parameters.Type,
    summary: String = "",
    effects: ActionDescription.Effects = .irreversible,
    writes: [String] = []
  ) {
    description = ActionDescription(
      name: name,
      summary: summary,
      parameters: SchemaProbe.schema(of: type),
      effects: effects,
      writes: writes
    )
    perform = { parameters, context in
      try await ParameterDecoder.decode(type, from: parameters).run(context)
    }
  }
}
