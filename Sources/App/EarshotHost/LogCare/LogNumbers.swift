// SPDX-License-Identifier: Apache-2.0

import DurableLog
public import EventModel
import SQLiteLog

/// What a log holds, in numbers, for programs and for people.
public struct LogNumbers: Sendable {
  private let statistics: LogStatistics
  private let events: Int

  init(_ statistics: LogStatistics) {
    self.statistics = statistics
    events = statistics.types.map(\.events).reduce(0, +)
  }

  /// How many bytes an event takes up in the log, with all that belongs to it; nil when there is none.
  private var bytesPerEvent: Double? {
    let used = statistics.size.database - statistics.size.free
    return events > 0 ? Double(used) / Double(events) : nil
  }

  /// How many events are recorded in a day; nil for a log that is younger than an hour.
  private var eventsPerDay: Double? {
    let (events, days) = statistics.recent
    return days >= 1.0 / 24 ? Double(events) / days : nil
  }

  /// For programs.
  public var json: JSONValue {
    let types = statistics.types.map { type -> JSONValue in
      [
        "type": .string(type.type), "events": .number("\(type.events)"),
        "share": .number(Self.rounded(Double(type.events) / Double(max(1, events)), 4)),
        "first": .string(type.recorded.lowerBound.rfc3339), "last": .string(type.recorded.upperBound.rfc3339),
        "first_position": .number("\(type.positions.lowerBound)"),
        "last_position": .number("\(type.positions.upperBound)"), "average_size": .number("\(type.size)"),
      ]
    }
    let runs = RunState.allCases.compactMap { state in
      statistics.runs[state].map { JSONValue.Member(state.name, .number("\($0)")) }
    }
    var members: [JSONValue.Member] = [
      .init("events", .number("\(events)")), .init("erased", .number("\(statistics.erased)")),
      .init("types", .array(types)), .init("runs", .object(runs)),
      .init("windows", .number("\(statistics.windows)")),
      .init(
        "bytes",
        [
          "database": .number("\(statistics.size.database)"), "free": .number("\(statistics.size.free)"),
          "write_ahead_log": .number("\(statistics.size.writeAheadLog)"),
        ]
      ), .init("schema", .number("\(statistics.schema)")),
    ]
    if let oldest { members.append(.init("oldest", .string(oldest.rfc3339))) }
    if let eventsPerDay, let bytesPerEvent {
      members += [
        .init("events_per_day", .number(Self.rounded(eventsPerDay, 1))),
        .init("bytes_per_day", .number(Self.rounded(eventsPerDay * bytesPerEvent, 0))),
      ]
    }
    return .object(members)
  }

  /// When the oldest event was recorded that is kept.
  private var oldest: Timestamp? { statistics.types.map(\.recorded.lowerBound).min() }

  /// The types as rows for people: type, events, share, first, last and average size.
  public var rows: [[String]] {
    statistics.types.map { type in
      let share = Self.rounded(100 * Double(type.events) / Double(max(1, events)), 1) + " %"
      let times = [type.recorded.lowerBound, type.recorded.upperBound].map {
        String($0.rfc3339.prefix(19)) + "Z"
      }
      return [type.type, "\(type.events)", share] + times + [Self.size(type.size)]
    }
  }

  /// All else as lines for people, each a name and what there is to say.
  public var lines: [(name: String, text: String)] {
    let size = statistics.size
    let runs = RunState.allCases.compactMap { state in
      statistics.runs[state].map { "\($0) \(state.name)" }
    }
    let erased = statistics.erased > 0 ? ", \(statistics.erased) of them erased" : ""
    var lines = [
      ("events", "\(events)\(erased)"), ("runs", runs.isEmpty ? "none" : runs.joined(separator: ", ")),
      ("windows", "\(statistics.windows)"),
      (
        "on disk",
        "\(Self.size(size.database)), of which \(Self.size(size.free)) are free; "
          + "write-ahead log \(Self.size(size.writeAheadLog))"
      ), ("schema", "version \(statistics.schema)"),
    ]
    if let oldest { lines.append(("oldest", oldest.rfc3339)) }
    if let eventsPerDay, let bytesPerEvent {
      let bytes = Self.size(Int(eventsPerDay * bytesPerEvent))
      lines.append(("growth", "\(Int(eventsPerDay.rounded())) events a day, about \(bytes)"))
    }
    return lines
  }

  private static func rounded(_ value: Double, _ digits: Int) -> String {
    let scale = [1.0, 10, 100, 1000, 10_000][digits]
    let rounded = (value * scale).rounded() / scale
    return rounded == rounded.rounded() ? "\(Int64(rounded))" : "\(rounded)"
  }

  /// A number of bytes in a unit in which it is short.
  private static func size(_ bytes: Int) -> String {
    var value = Double(bytes)
    var unit = 0
    let units = ["B", "kB", "MB", "GB", "TB"]
    while value >= 1000, unit < units.count - 1 { (value, unit) = (value / 1000, unit + 1) }
    return "\(rounded(value, unit == 0 ? 0 : 1)) \(units[unit])"
  }
}
