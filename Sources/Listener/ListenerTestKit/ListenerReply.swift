// SPDX-License-Identifier: Apache-2.0

public import ListenerSDK

/// How an attempt ended.
public struct ListenerReply: Sendable, Hashable {
  /// The reply as it goes to the host.
  public let reply: RunReply
  /// How often the action told that it was under way.
  public let progress: Int

  /// A conversation that a host would not understand.
  public struct NoReply: Error, Hashable, CustomStringConvertible {
    /// What is wrong with it.
    public let description: String
  }

  init(lines: [UInt8]) throws {
    let messages = try lines.split(separator: UInt8(ascii: "\n")).map { try PluginMessage(line: Array($0)) }
    let replies = messages.compactMap { message -> RunReply? in
      if case .reply(1, let reply)? = message { reply } else { nil }
    }
    guard replies.count == 1 else { throw NoReply(description: "\(replies.count) replies to one request") }
    reply = replies[0]
    progress = messages.count { $0 == .progress(id: 1) }
  }

  /// Whether the action succeeded.
  public var isDone: Bool { if case .ack = reply { true } else { false } }

  /// What the action returned; nil when it returned nothing or failed.
  public var output: JSONValue? {
    guard case .ack(let output?, _) = reply else { return nil }
    return try? JSONValue(json: output)
  }

  /// The events that the action returned.
  public var events: [JSONValue] {
    guard case .ack(_, let events) = reply else { return [] }
    return events.compactMap { try? JSONValue(json: $0) }
  }

  /// Why the action failed for good; nil when it did not.
  public var failure: String? { if case .fail(let message) = reply { message } else { nil } }

  /// Why the action wants another attempt; nil when it does not.
  public var retry: String? { if case .retry(let message, _) = reply { message } else { nil } }

  /// How long the action wants to wait for another attempt; nil when it leaves that to the rule.
  public var retryAfter: Duration? {
    if case .retry(_, let pause?) = reply { .milliseconds(pause) } else { nil }
  }
}
