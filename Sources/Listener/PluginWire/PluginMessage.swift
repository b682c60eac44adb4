// SPDX-License-Identifier: Apache-2.0

import EventModel

/// How an attempt ended.
public enum RunReply: Sendable, Hashable {
  /// It succeeded: its output, a JSON value, if any, and events to append together with it, JSON objects.
  case ack(output: [UInt8]?, emit: [[UInt8]])
  /// The failure may pass: another attempt is wanted, after that many milliseconds if given.
  case retry(message: String, after: Int64?)
  /// The failure will not pass: no other attempt is wanted.
  case fail(message: String)
}

/// What a plugin tells the host.
public enum PluginMessage: Sendable, Hashable {
  /// The plugin is there and can do this; with the version of the protocol that it speaks.
  case hello(PluginDescription, version: Int)
  /// The attempt is under way; its time starts anew.
  case progress(id: UInt64)
  /// The attempt ended.
  case reply(id: UInt64, RunReply)

  /// Appends the message with its line break.
  public func append(to bytes: inout [UInt8]) {
    switch self {
    case .hello(let plugin, let version):
      Self.hello(plugin, version).appendJSON(to: &bytes)
      bytes.append(UInt8(ascii: "\n"))
    case .progress(let id):
      Self.open("progress", id, to: &bytes)
      JSONWriter.append("}\n" as StaticString, to: &bytes)
    case .reply(let id, let reply): Self.append(id, reply, to: &bytes)
    }
  }

  private static func hello(_ plugin: PluginDescription, _ version: Int) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("kind", "hello"), .init("protocol", .number(String(version))),
      .init("name", .string(plugin.name)),
      .init("version", .string(plugin.version)), .init("actions", .array(plugin.actions.map(\.json))),
    ]
    if !plugin.aggregates.isEmpty {
      members.append(.init("aggregates", .array(plugin.aggregates.map(\.json))))
    }
    return .object(members)
  }

  private static func open(_ kind: StaticString, _ id: UInt64, to bytes: inout [UInt8]) {
    JSONWriter.append("{\"kind\":\"" as StaticString, to: &bytes)
    JSONWriter.append(kind, to: &bytes)
    JSONWriter.append("\",\"id\":" as StaticString, to: &bytes)
    JSONWriter.append(id, to: &bytes)
  }

  private static func append(_ id: UInt64, _ reply: RunReply, to bytes: inout [UInt8]) {
    switch reply {
    case .ack(let output, let emit):
      open("ack", id, to: &bytes)
      if let output {
        JSONWriter.append(",\"output\":" as StaticString, to: &bytes)
        bytes.append(contentsOf: output)
      }
      if !emit.isEmpty {
        JSONWriter.append(",\"emit\":[" as StaticString, to: &bytes)
        bytes.append(contentsOf: emit.joined(separator: [UInt8(ascii: ",")]))
        bytes.append(UInt8(ascii: "]"))
      }
    case .retry(let message, let after):
      open("retry", id, to: &bytes)
      JSONWriter.append(",\"message\":" as StaticString, to: &bytes)
      JSONWriter.append(message, to: &bytes)
      if let after {
        JSONWriter.append(",\"after_ms\":" as StaticString, to: &bytes)
        JSONWriter.append(after, to: &bytes)
      }
    case .fail(let message):
      open("fail", id, to: &bytes)
      JSONWriter.append(",\"message\":" as StaticString, to: &bytes)
      JSONWriter.append(message, to: &bytes)
    }
    JSONWriter.append("}\n" as StaticString, to: &bytes)
  }

  /// Reads a line; nil for a kind that this version does not know.
  public init?(line: [UInt8]) throws(WireError) {
    if let id = Self.plainAck(line.span) {
      self = .reply(id: id, .ack(output: nil, emit: []))
      return
    }
    let root = try WireError.document(line).root
    switch root["kind"]?.string {
    case "hello": self = try Self.hello(root)
    case "progress": self = .progress(id: try WireError.id(root))
    case "ack":
      self = .reply(
        id: try WireError.id(root),
        .ack(
          output: root["output"].map { Array($0.text) },
          emit: root["emit"]?.elements.map { Array($0.text) } ?? []
        )
      )
    case "retry":
      self = .reply(
        id: try WireError.id(root),
        .retry(message: root["message"]?.string ?? "", after: root["after_ms"]?.int.map(Int64.init))
      )
    case "fail":
      self = .reply(id: try WireError.id(root), .fail(message: root["message"]?.string ?? ""))
    default: return nil
    }
  }

  /// The id of an acknowledgement that says nothing else, in just the form in which `append` writes it.
  ///
  /// It is by far the most frequent line, and so short that looking for it costs nothing.
  private static func plainAck(_ line: Span<UInt8>) -> UInt64? {
    let opening: StaticString = #"{"kind":"ack","id":"#
    // Up to 18 digits always fit, and a number does not begin with a zero unless it is one.
    let start = opening.utf8CodeUnitCount
    guard (1...18).contains(line.count - 1 - start), line[line.count - 1] == UInt8(ascii: "}"),
      line[start] != UInt8(ascii: "0") || line.count == start + 2
    else { return nil }
    for offset in 0..<start where line[offset] != opening.utf8Start[offset] { return nil }
    var id: UInt64 = 0
    for offset in start..<line.count - 1 {
      let digit = line[offset] &- UInt8(ascii: "0")
      guard digit < 10 else { return nil }
      id = id * 10 + UInt64(digit)
    }
    return id
  }

  private static func hello(_ root: JSONView) throws(WireError) -> PluginMessage {
    guard let name = root["name"]?.string, let version = root["protocol"]?.int else {
      throw WireError("a hello needs a name and a protocol")
    }
    let actions = root["actions"]?.elements ?? []
    let description = PluginDescription(
      name: name,
      version: root["version"]?.string ?? "",
      actions: actions.compactMap(ActionDescription.init(json:)),
      aggregates: root["aggregates"]?.elements.compactMap(AggregateDescription.init(json:)) ?? []
    )
    return .hello(description, version: version)
  }
}
