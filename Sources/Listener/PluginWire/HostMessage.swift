// SPDX-License-Identifier: Apache-2.0

import EventModel

/// One attempt of one step, as a plugin is asked to make it.
public struct RunRequest: Sendable, Hashable {
  /// The number by which both sides speak of the attempt; never used twice towards one process.
  public var id: UInt64
  /// The action's name.
  public var action: String
  /// The idempotency key: the same at every attempt of the step.
  public var key: String
  /// Which attempt this is, from 1.
  public var attempt: Int
  /// How long the action may take, or may go without `progress`, in milliseconds.
  public var timeout: Int64
  /// The rule's id.
  public var rule: String
  /// The parameters, a JSON object.
  public var with: [UInt8]
  /// The event that the rule matched, as JSON.
  public var event: [UInt8]
  /// Whether the event is one of the past that is sent again.
  public var isReplay: Bool

  /// Makes a request.
  public init(
    id: UInt64,
    action: String,
    key: String,
    attempt: Int,
    timeout: Int64,
    rule: String,
    with: [UInt8],
    event: [UInt8],
    isReplay: Bool = false
  ) {
    self.id = id
    self.action = action
    self.key = key
    self.attempt = attempt
    self.timeout = timeout
    self.rule = rule
    self.with = with
    self.event = event
    self.isReplay = isReplay
  }
}

/// What the host tells a plugin.
public enum HostMessage: Sendable, Hashable {
  /// The plugin may work: its settings, a JSON object, and how many runs will be open at most.
  case start(settings: [UInt8], concurrency: Int)
  /// Make this attempt.
  case run(RunRequest)
  /// The attempt's outcome is no longer wanted: stop it.
  case cancel(id: UInt64)
  /// Finish what is open, then exit.
  case stop

  /// Appends the message with its line break.
  public func append(to bytes: inout [UInt8]) {
    switch self {
    case .start(let settings, let concurrency):
      JSONWriter.append(#"{"kind":"start","protocol":1,"concurrency":"# as StaticString, to: &bytes)
      JSONWriter.append(concurrency, to: &bytes)
      JSONWriter.append(#","settings":"# as StaticString, to: &bytes)
      bytes.append(contentsOf: settings)
      JSONWriter.append("}\n" as StaticString, to: &bytes)
    case .run(let request): request.append(to: &bytes)
    case .cancel(let id):
      JSONWriter.append(#"{"kind":"cancel","id":"# as StaticString, to: &bytes)
      JSONWriter.append(id, to: &bytes)
      JSONWriter.append("}\n" as StaticString, to: &bytes)
    case .stop: JSONWriter.append("{\"kind\":\"stop\"}\n" as StaticString, to: &bytes)
    }
  }

  /// Reads a line; nil for a kind that this version does not know.
  public init?(line: [UInt8]) throws(WireError) {
    let root = try WireError.document(line).root
    switch root["kind"]?.string {
    case "start":
      self = .start(
        settings: root["settings"].map { Array($0.text) } ?? Array("{}".utf8),
        concurrency: root["concurrency"]?.int ?? 1
      )
    case "run": self = .run(try RunRequest(root))
    case "cancel": self = .cancel(id: try WireError.id(root))
    case "stop": self = .stop
    default: return nil
    }
  }
}

extension RunRequest {
  /// About how many bytes the request takes up.
  public var estimatedLength: Int { with.count + event.count + 192 }

  /// Appends the request with its line break.
  public func append(to bytes: inout [UInt8]) { append(as: id, to: &bytes) }

  /// The same under another number.
  public func append(as id: UInt64, to bytes: inout [UInt8]) {
    JSONWriter.append(#"{"kind":"run","id":"# as StaticString, to: &bytes)
    JSONWriter.append(id, to: &bytes)
    JSONWriter.append(#","action":"# as StaticString, to: &bytes)
    JSONWriter.append(action, to: &bytes)
    JSONWriter.append(#","key":"# as StaticString, to: &bytes)
    JSONWriter.append(key, to: &bytes)
    JSONWriter.append(#","attempt":"# as StaticString, to: &bytes)
    JSONWriter.append(attempt, to: &bytes)
    JSONWriter.append(#","timeout_ms":"# as StaticString, to: &bytes)
    JSONWriter.append(timeout, to: &bytes)
    JSONWriter.append(#","rule":"# as StaticString, to: &bytes)
    JSONWriter.append(rule, to: &bytes)
    if isReplay { JSONWriter.append(#","replay":true"# as StaticString, to: &bytes) }
    JSONWriter.append(#","with":"# as StaticString, to: &bytes)
    bytes.append(contentsOf: with)
    JSONWriter.append(#","event":"# as StaticString, to: &bytes)
    bytes.append(contentsOf: event)
    JSONWriter.append("}\n" as StaticString, to: &bytes)
  }

  init(_ root: JSONView) throws(WireError) {
    guard let action = root["action"]?.string, let key = root["key"]?.string else {
      throw WireError("a run needs an action and a key")
    }
    self.init(
      id: try WireError.id(root),
      action: action,
      key: key,
      attempt: root["attempt"]?.int ?? 1,
      timeout: Int64(root["timeout_ms"]?.int ?? 0),
      rule: root["rule"]?.string ?? "",
      with: root["with"].map { Array($0.text) } ?? Array("{}".utf8),
      event: root["event"].map { Array($0.text) } ?? Array("{}".utf8),
      isReplay: root["replay"]?.bool ?? false
    )
  }
}
