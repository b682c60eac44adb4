// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Projections
import Rules

/// What views were earlier, found by folding the log again.
struct PastQuery: Sendable {
  let log: any LogReading
  let definitions: [ViewDefinition]

  /// The rows of a view, or one of them, after an event or at a time; `query` may hold `key`, `after` and `limit`.
  func answer(
    _ name: String,
    at moment: String,
    _ query: [String: String],
    progress: (@Sendable (_ position: LogPosition, _ end: LogPosition) throws -> Void)? = nil
  ) throws -> JSONValue {
    guard let view = definitions.first(where: { $0.id == name }) else {
      throw LogQueries.Refusal(isMissing: true, description: "there is no view '\(name)'")
    }
    let position = try position(at: moment)
    let past = PastView(view, log: log) { done in try progress?(done, position) }
    let limit = try ViewQueries.limit(query)
    let key = query["key"]
    // One more than wanted, to tell whether there are more.
    let answer = try past.answer(at: position, key: key, after: query["after"], limit: limit + 1)
    var members: [JSONValue.Member] = [
      .init("view", .string(name)), .init("position", .number(answer.position.description)),
      .init("errors", .number("\(answer.errors)")), .init("forgotten", .number("\(answer.forgotten)")),
    ]
    if let key {
      guard let row = answer.rows.first else {
        throw LogQueries.Refusal(
          isMissing: true,
          description: "the view '\(name)' had no row '\(key)' at position \(answer.position)"
        )
      }
      members.append(.init("row", row))
    } else {
      members.append(.init("rows", .array(Array(answer.rows.prefix(limit)))))
      members.append(.init("more", .bool(answer.rows.count > limit)))
    }
    return .object(members)
  }

  /// The newest event at a position, or at or before a time.
  private func position(at moment: String) throws -> LogPosition {
    let end = try log.lastPosition()
    if let number = Int64(moment) {
      guard (0...end.rawValue).contains(number) else {
        throw LogQueries.Refusal(isMissing: true, description: "the log ends at position \(end)")
      }
      return LogPosition(rawValue: number)
    }
    guard let time = Timestamp(rfc3339: moment) else {
      throw LogQueries.Refusal(
        isMissing: false,
        description: "'\(moment)' is neither a position nor a time such as 2026-01-31T10:00:00Z"
      )
    }
    let later = try log.firstPosition(from: time + .microseconds(1))
    return LogPosition(rawValue: later.rawValue - 1)
  }
}
