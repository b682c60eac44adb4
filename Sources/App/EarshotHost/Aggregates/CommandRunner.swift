// SPDX-License-Identifier: Apache-2.0

import Aggregates
import Dispatching
import EventModel
import PluginWire

/// Makes the attempts of rules to send commands to aggregates.
struct CommandRunner: Sendable {
  let handler: CommandHandler

  /// Makes an attempt, and tells how it ended.
  func run(_ attempt: PluginRun, _ finish: @escaping @Sendable (AttemptOutcome) -> Void) {
    // The commit takes its time, and an attempt must not block who begins it.
    Task { finish((attempt.ticket, await reply(to: attempt.request))) }
  }

  private func reply(to request: RunRequest) async -> RunReply {
    guard let with = try? JSONValue(json: request.with), let command = CommandRequest(rule: request, with)
    else {
      return .fail(message: "a command needs a thing such as account/42, and a name")
    }
    do throws(CommandFailure) {
      let reply = try await handler.handle(command)
      if let refusal = reply.refusal { return .fail(message: refusal) }
      return .ack(output: Array(reply.json.json.utf8), emit: [])
    } catch {
      let mayPass = [.busy, .notReady, .log].contains(error.code)
      return mayPass ? .retry(message: "\(error)", after: nil) : .fail(message: "\(error)")
    }
  }
}

extension CommandRequest {
  /// The command that a step sends; nil when it does not say which.
  fileprivate init?(rule request: RunRequest, _ with: JSONValue) {
    guard let thing = with["to"]?.string.flatMap(AggregateName.init), let command = with["command"]?.string
    else { return nil }
    self.init(
      aggregate: thing.aggregate,
      key: thing.key,
      command: command,
      data: with["data"] ?? [:],
      id: request.key,
      cause: request.event
    )
  }
}

/// The name of a thing of an aggregate, such as `account/42`.
public struct AggregateName: Sendable, Hashable {
  /// The aggregate.
  public let aggregate: String
  /// Which of its things.
  public let key: String

  /// Reads a name; nil when it is none.
  public init?(_ text: String) {
    guard let slash = text.firstIndex(of: "/"), slash != text.startIndex else { return nil }
    aggregate = String(text[..<slash])
    key = String(text[text.index(after: slash)...])
    if key.isEmpty { return nil }
  }
}
