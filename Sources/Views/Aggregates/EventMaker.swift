// SPDX-License-Identifier: Apache-2.0

import EventModel
import Expressions
import Rules

/// Makes the events of a command.
struct EventMaker {
  private let request: CommandRequest
  private let aggregate: Aggregate
  private let content: CommandContent
  private let clock: any HostClock
  private let cause: JSONDocument?

  init(_ request: CommandRequest, _ aggregate: Aggregate, _ content: CommandContent, _ clock: any HostClock) {
    self.request = request
    self.aggregate = aggregate
    self.content = content
    self.clock = clock
    cause = request.cause.flatMap { try? JSONDocument($0) }
  }

  /// Adds an event, a JSON object, to a batch; its id follows from the command's.
  func append(_ event: JSONValue, to batch: inout EventBatch) throws {
    guard case .object(var members) = event else { throw failure("an event must be an object") }
    members.append(.init("id", .string("\(content.id)/\(batch.count)")))
    var bytes: [UInt8] = []
    JSONValue.object(members).appendJSON(to: &bytes)
    do throws(EventError) {
      try Emission.append(
        bytes,
        from: "aggregates/\(aggregate.id)",
        cause: cause?.root,
        clock: clock,
        to: &batch
      )
    } catch { throw failure("an event cannot be made: \(error)") }
  }

  /// The event that tells of a refusal.
  func refusal(_ type: String, _ message: String) -> JSONValue {
    [
      "type": .string(type), "subject": .string(aggregate.subject(of: request.key)),
      "data": [
        "command": .string(request.command), "message": .string(message), "data": request.data,
      ],
    ]
  }

  /// Whether an event of a batch will be one of the command's stream.
  func belongs(_ batch: EventBatch, _ index: Int) throws -> Bool {
    guard aggregate.types.contains(batch.type(index)) else { return false }
    return try aggregate.key(of: JSONDocument(Array(batch.json(index)))) == request.key
  }

  /// Checks that it will be.
  func check(_ batch: EventBatch, _ index: Int) throws {
    guard try !belongs(batch, index) else { return }
    throw failure(
      "the event '\(batch.type(index))' would not be one of \(aggregate.subject(of: request.key)): its key must be '\(request.key)'"
    )
  }

  private func failure(_ message: String) -> CommandFailure {
    CommandFailure(.failed, "'\(request.command)' of '\(aggregate.id)': \(message)")
  }
}
