// SPDX-License-Identifier: Apache-2.0

import Aggregates
import Dispatching
import DurableLog
import EventModel
import EventSources
import HTTPTypes

/// What can be asked of a running host, whatever the way by which it is asked.
struct HostControl: Sendable {
  /// The answer to events that were sent.
  struct EmitAnswer {
    let status: HTTPResponse.Status
    let json: JSONValue
  }

  /// The answer to a wish to read the rules anew.
  struct ReloadAnswer: Sendable {
    let isDone: Bool
    let json: JSONValue
  }

  let log: any DurableLog
  let clock: any HostClock
  let dispatcher: Dispatcher
  let followers: Followers
  let views: ViewQueries
  let commands: CommandHandler
  let aggregates: @Sendable () -> AggregateQueries
  let status: @Sendable () async -> JSONValue
  let reload: @Sendable () async -> ReloadAnswer

  var queries: LogQueries {
    LogQueries(log, clock: clock, pending: PendingQuery(log) { [dispatcher] in dispatcher.deadline(of: $0) })
    {
      [dispatcher] in dispatcher.stepID(of: $0)
    }
  }

  var care: LogCare { LogCare(log, clock: clock, hasRules: true) }

  var runs: RunControl { RunControl(log: log, dispatcher: dispatcher) }

  var replays: ReplayControl { ReplayControl(log: log, dispatcher: dispatcher) }

  var pending: PendingControl { PendingControl(log: log, dispatcher: dispatcher) }

  /// Appends one event or a list of them and says, for each, at which position.
  func emit(_ body: [UInt8], mediaType: String) async -> EmitAnswer {
    let isStrict = mediaType.hasPrefix("application/cloudevents")
    var intake = EventIntake(
      form: isStrict ? .cloudEvents : .shorthand,
      defaultSource: "control",
      clock: clock
    )
    var batch = EventBatch()
    do throws(EventError) {
      if mediaType == "application/cloudevents-batch+json" || Self.isList(body) {
        try intake.appendAll(body.span, to: &batch)
      } else {
        try intake.append(body.span, to: &batch)
      }
    } catch {
      return EmitAnswer(status: .badRequest, json: error.answer)
    }
    do {
      let outcomes = try await log.submit(LogChange(events: batch)).outcomes
      return EmitAnswer(status: .ok, json: .array(outcomes.map(\.json)))
    } catch {
      let isFull = (error as? LogFailure)?.code == .full
      let json: JSONValue = ["error": .string("\(error)")]
      return EmitAnswer(status: isFull ? .init(code: 507) : .serviceUnavailable, json: json)
    }
  }

  private static func isList(_ body: [UInt8]) -> Bool {
    body.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: "[")
  }

  /// Events from a position on, or what is new from now on.
  func follow(from start: Int64?, _ filter: EventFilter) throws -> LogFollower {
    try LogFollower(log, followers, from: start.map(LogPosition.init), filter)
  }
}

extension AppendOutcome {
  /// The outcome as producers read it.
  var json: JSONValue {
    switch self {
    case .appended(let position): ["position": .number(position.description)]
    case .duplicate(let position): ["duplicate": .number(position.description)]
    }
  }
}

extension EventError {
  /// The refusal as producers read it.
  var answer: JSONValue {
    [
      "error": [
        "code": .string(code), "message": .string(message), "offset": .number(String(offset)),
      ]
    ]
  }
}
