// SPDX-License-Identifier: Apache-2.0

import EventModel
import Expressions
import Projections
import Rules

/// Views as programs read of them.
extension ViewStatus {
  /// The view, compared with the end of the log and the time at which its newest event was taken.
  func json(_ definition: ViewDefinition?, end: LogPosition, newest: Timestamp?) -> JSONValue {
    let lag = max(end.rawValue - position.rawValue, 0)
    var members: [JSONValue.Member] = [
      .init("view", .string(name)), .init("state", .string(state.rawValue)),
      .init("rows", .number(String(rows))), .init("position", .number(position.description)),
      .init("lag", ["events": .number(String(lag)), "seconds": .number(seconds(lag, newest))]),
      .init("errors", .number(String(errors))), .init("revision", .string(revision)),
      .init(
        "columns",
        .object(columns.map { JSONValue.Member($0.name, .string($0.type.rawValue)) })
      ),
    ]
    if let definition {
      members.append(.init("description", .string(definition.description)))
      members.append(.init("consistency", .string(definition.consistency.rawValue)))
    }
    if let lastError {
      members.append(
        .init(
          "last_error",
          ["message": .string(lastError.message), "position": .number(lastError.position.description)]
        )
      )
    }
    if let rebuild {
      members.append(
        .init(
          "rebuild",
          [
            "position": .number(rebuild.position.description), "target": .number(rebuild.target.description),
          ]
        )
      )
    }
    if let complete {
      members.append(.init("forgotten", .number(String(forgotten))))
      members.append(
        .init(
          "complete",
          ["from": .number(complete.from.description), "since": .string(complete.since.rfc3339)]
        )
      )
    }
    return .object(members)
  }

  /// How long the log went on behind the newest event that the view has folded, in seconds.
  private func seconds(_ lag: Int64, _ newest: Timestamp?) -> String {
    guard lag > 0, let newest, let recorded else { return "0" }
    let microseconds = max(newest.microseconds - recorded.microseconds, 0)
    return "\(microseconds / 1_000_000).\(String(microseconds % 1_000_000 + 1_000_000).dropFirst().prefix(3))"
  }
}

extension ViewChange {
  /// The change; the row is null when it was removed.
  var json: JSONValue {
    ["key": .string(key), "position": .number(position.description), "row": row ?? .null]
  }
}

extension ViewAnswer {
  /// The answer, with how far each view that was read is behind the end of the log; `reached` is where views were before.
  func json(reached: [String: LogPosition], end: LogPosition) -> JSONValue {
    let views = positions.sorted { $0.key < $1.key }.map { view, written -> JSONValue in
      let position = max(written, reached[view] ?? .start)
      return [
        "view": .string(view), "position": .number(position.description),
        "lag": .number(String(max(end.rawValue - position.rawValue, 0))),
      ]
    }
    return [
      "columns": .array(columns.map { .string($0) }), "rows": .array(rows.map { .array($0) }),
      "cut": .bool(isCut), "views": .array(views),
    ]
  }
}

extension ViewQuestion {
  /// Reads a question from a request.
  init(_ json: JSONValue) throws {
    guard case .object(let members) = json, let sql = json["sql"]?.string else {
      throw Self.refusal("a JSON object with 'sql' was expected")
    }
    self.init(sql)
    for member in members where member.key != "sql" {
      switch member.key {
      case "limit": limit = min(try Self.number(member), Self.limits.greatest)
      case "consistent_with": position = LogPosition(rawValue: Int64(try Self.number(member)))
      case "timeout":
        guard let duration = member.value.string.flatMap({ DurationText.duration(of: $0) }) else {
          throw Self.refusal("\(member.value.json) is no duration for 'timeout'; write for example \"5s\"")
        }
        timeout = min(duration, Self.timeouts.greatest)
      default: throw Self.refusal("a question has no '\(member.key)'")
      }
    }
  }

  private static func number(_ member: JSONValue.Member) throws -> Int {
    guard let number = member.value.int, number >= 1 else {
      throw refusal("\(member.value.json) is no number for '\(member.key)'")
    }
    return number
  }

  private static func refusal(_ text: String) -> LogQueries.Refusal {
    LogQueries.Refusal(isMissing: false, description: text)
  }
}

extension ViewFailure {
  /// The exit status that says so to programs.
  var exitStatus: Int32 {
    switch code {
    case .missing: 66
    case .question, .forbidden: 65
    case .time, .behind, .stopped, .closed: 69
    case .corrupt, .full, .io: 70
    }
  }
}
