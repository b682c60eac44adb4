// SPDX-License-Identifier: Apache-2.0

public import EventModel
import Rules

/// A command to one thing of an aggregate.
public struct CommandRequest: Sendable {
  /// The aggregate.
  public var aggregate: String
  /// Which of its things.
  public var key: String
  /// What is asked.
  public var command: String
  /// What else is said; a JSON object.
  public var data: JSONValue
  /// By what the command is known, so that the same one is answered the same; nil for a command that is not repeated.
  public var id: String?
  /// The version that the thing must have; nil for any.
  public var expectedVersion: Int64?
  /// The event that the command follows from, as the world sees it; nil for a command from outside.
  public var cause: [UInt8]?

  /// Makes a command.
  public init(
    aggregate: String,
    key: String,
    command: String,
    data: JSONValue = [:],
    id: String? = nil,
    expectedVersion: Int64? = nil,
    cause: [UInt8]? = nil
  ) {
    self.aggregate = aggregate
    self.key = key
    self.command = command
    self.data = data
    self.id = id
    self.expectedVersion = expectedVersion
    self.cause = cause
  }
}

/// The answer to a command.
public struct CommandReply: Sendable, Hashable {
  /// An event that was appended.
  public struct Appended: Sendable, Hashable {
    /// Its id.
    public var id: String
    /// Its type.
    public var type: String
    /// Where it is; nil when it is not there any more.
    public var position: LogPosition?
  }

  /// Why the command was refused; nil when it was accepted.
  public var refusal: String?
  /// The version of the thing afterwards.
  public var version: Int64
  /// The events that were appended.
  public var events: [Appended]
  /// Whether the command had been answered before.
  public var isRepeated = false

  /// The answer as programs read it.
  public var json: JSONValue {
    var members: [JSONValue.Member] = [.init("accepted", .bool(refusal == nil))]
    if let refusal { members.append(.init("message", .string(refusal))) }
    members.append(.init("version", .number("\(version)")))
    let list = events.map { event -> JSONValue in
      var members: [JSONValue.Member] = [.init("id", .string(event.id)), .init("type", .string(event.type))]
      if let position = event.position { members.append(.init("position", .number("\(position)"))) }
      return .object(members)
    }
    members.append(.init("events", .array(list)))
    if isRepeated { members.append(.init("repeated", .bool(true))) }
    return .object(members)
  }

  init(refusal: String?, version: Int64, events: [Appended]) {
    self.refusal = refusal
    self.version = version
    self.events = events
  }

  /// Reads an answer that was kept.
  init?(kept content: [UInt8]) {
    guard let value = try? JSONDocument(content).root, let version = value["version"]?.int else { return nil }
    refusal = value["accepted"]?.bool == true ? nil : value["message"]?.string ?? ""
    self.version = Int64(version)
    events = (value["events"]?.elements ?? []).map { event in
      Appended(id: event["id"]?.string ?? "", type: event["type"]?.string ?? "")
    }
  }
}

/// Why a command was not answered.
public struct CommandFailure: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kinds of failure.
  public enum Code: String, Sendable, CaseIterable {
    /// There is no such aggregate or command.
    case unknown = "command-unknown"
    /// The command is not written as it must be.
    case invalid = "command-invalid"
    /// The thing does not have the version that was expected.
    case version = "command-version"
    /// Others changed the thing again and again meanwhile, or its plugin cannot answer now.
    case busy = "command-busy"
    /// The aggregate's streams do not have all events yet.
    case notReady = "command-not-ready"
    /// An expression of the aggregate had no value, its plugin failed, or an event could not be made.
    case failed = "command-failed"
    /// The log cannot take it.
    case log = "command-log"
  }

  /// The kind.
  public let code: Code
  /// What happened, in words.
  public let message: String

  /// Makes a failure.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The failure of a command to a thing that does not have the version that was expected.
  init(unexpected version: Int64, _ request: CommandRequest, _ aggregate: Aggregate) {
    let expected = request.expectedVersion.map { "\($0)" } ?? "any"
    self.init(.version, "\(aggregate.subject(of: request.key)) has the version \(version), not \(expected)")
  }

  /// The message with its code.
  public var description: String { "\(message) [\(code.rawValue)]" }
}
