// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// What the host asks of an aggregate in a plugin: to make the state that events lead to, and to decide on a command by it.
///
/// It is the `with` of a `run`, whose action is `AggregateQuestion.action(of:)`. The plugin remembers nothing between two of
/// them: all that the answer follows from is in the question.
public struct AggregateQuestion: Sendable, Hashable {
  /// What is asked of the thing.
  public struct Command: Sendable, Hashable {
    /// The command's name.
    public var name: String
    /// The id by which the command is known.
    public var id: String
    /// What is said with it; a JSON object.
    public var data: JSONValue

    /// Makes a command.
    public init(name: String, id: String, data: JSONValue) {
      self.name = name
      self.id = id
      self.data = data
    }
  }

  /// Of which one of the aggregate's things; nothing in a question that is about none.
  public var key: String
  /// The state before the events, as JSON; nil for that of a thing without events.
  public var state: [UInt8]?
  /// The events to add, in order, as they were recorded; JSON objects.
  public var events: [[UInt8]]
  /// What is to be decided on by the state after the events; nil for nothing.
  public var command: Command?

  /// Makes a question.
  public init(key: String, state: [UInt8]?, events: [[UInt8]], command: Command? = nil) {
    self.key = key
    self.state = state
    self.events = events
    self.command = command
  }

  /// The action by which a plugin is asked; no action in a `hello` is called so, since a name has no colon.
  public static func action(of aggregate: String) -> String { "aggregate:\(aggregate)" }

  /// Appends the question as it stands in a `run`.
  public func append(to bytes: inout [UInt8]) {
    JSONWriter.append(#"{"key":"# as StaticString, to: &bytes)
    JSONWriter.append(key, to: &bytes)
    JSONWriter.append(#","state":"# as StaticString, to: &bytes)
    bytes.append(contentsOf: state ?? Array("null".utf8))
    JSONWriter.append(#","events":["# as StaticString, to: &bytes)
    bytes.append(contentsOf: events.joined(separator: [UInt8(ascii: ",")]))
    JSONWriter.append(#"],"command":"# as StaticString, to: &bytes)
    let asked = command.map {
      ["name": .string($0.name), "id": .string($0.id), "data": $0.data] as JSONValue
    }
    (asked ?? .null).appendJSON(to: &bytes)
    bytes.append(UInt8(ascii: "}"))
  }

  /// Reads a question.
  public init(json: JSONView) throws(WireError) {
    guard json.kind == .object else { throw WireError("a question of an aggregate is an object") }
    key = json["key"]?.string ?? ""
    state = json["state"].flatMap { $0.kind == .null ? nil : Array($0.text) }
    events = json["events"]?.elements.map { Array($0.text) } ?? []
    guard let asked = json["command"], asked.kind != .null else { return }
    guard let name = asked["name"]?.string else { throw WireError("a command needs a name") }
    command = Command(
      name: name,
      id: asked["id"]?.string ?? "",
      data: asked["data"].map { JSONValue($0) } ?? [:]
    )
  }
}

/// What an aggregate in a plugin answers: the `output` of its `ack`.
public struct AggregateAnswer: Sendable, Hashable {
  /// What is decided on a command.
  public enum Verdict: Sendable, Hashable {
    /// It is accepted, and these events are to be appended; JSON objects.
    case accepted([JSONValue])
    /// It is refused, for that reason.
    case refused(String)
  }

  /// The state after the events of the question; the decision's own events are not in it.
  public var state: JSONValue
  /// What is decided; nil when no command was asked.
  public var verdict: Verdict?

  /// Makes an answer.
  public init(state: JSONValue, verdict: Verdict? = nil) {
    self.state = state
    self.verdict = verdict
  }

  /// The answer as it stands in an `ack`.
  public var json: JSONValue {
    let state = JSONValue.Member("state", state)
    switch verdict {
    case nil: return .object([state])
    case .accepted(let events): return .object([state, .init("events", .array(events))])
    case .refused(let message): return .object([state, .init("refused", .string(message))])
    }
  }

  /// Reads an answer.
  public init(json: JSONView) throws(WireError) {
    guard json.kind == .object, let state = json["state"], state.kind != .null else {
      throw WireError("an answer of an aggregate is an object with a 'state', which is not null")
    }
    self.state = JSONValue(state)
    switch (json["refused"], json["events"]) {
    case (nil, nil): break
    case (let refused?, nil):
      guard let message = refused.string else { throw WireError("'refused' is a text") }
      verdict = .refused(message)
    case (nil, let events?):
      guard events.kind == .array else { throw WireError("'events' is a list") }
      verdict = .accepted(events.elements.map { JSONValue($0) })
    case (_?, _?): throw WireError("a command is either refused or has events")
    }
  }
}
