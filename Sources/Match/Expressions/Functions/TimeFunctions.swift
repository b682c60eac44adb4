// SPDX-License-Identifier: Apache-2.0

import EventModel
import TimeZones

/// What civil time an instant is somewhere ("Timezones").
private struct CivilTime {
  let year, month, day, weekday, dayOfYear, hour, minute, second: Int

  init(_ instant: Timestamp, offset: Int) {
    let local = instant.seconds + Int64(offset)
    let days = local >= 0 ? local / 86_400 : (local - 86_399) / 86_400
    let rest = Int(local - days * 86_400)
    (year, month, day) = CivilDate.date(daysSinceEpoch: days)
    weekday = CivilDate.weekday(daysSinceEpoch: days)
    dayOfYear = Int(days - CivilDate.daysSinceEpoch(year: year, month: 1, day: 1))
    (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60)
  }
}

extension FunctionTable {
  /// Parts of instants and spans.
  static let times: [Function] =
    part("getFullYear") { time, _ in time.year } + part("getMonth") { time, _ in time.month - 1 }
    + part("getDate") { time, _ in time.day } + part("getDayOfMonth") { time, _ in time.day - 1 }
    + part("getDayOfWeek") { time, _ in time.weekday } + part("getDayOfYear") { time, _ in time.dayOfYear }
    + part("getHours", ofSpan: { Int($0.seconds / 3600) }) { time, _ in time.hour }
    + part("getMinutes", ofSpan: { Int($0.seconds / 60) }) { time, _ in time.minute }
    + part("getSeconds", ofSpan: { Int($0.seconds) }) { time, _ in time.second }
    + part("getMilliseconds", ofSpan: { Int($0.nanoseconds / 1_000_000) }) { _, instant in
      Int(instant.nanoseconds / 1_000_000)
    }

  /// A part in UTC or, with a second argument, in a zone.
  private static func part(
    _ name: String,
    ofSpan: (@Sendable (DurationValue) -> Int)? = nil,
    _ take: @escaping @Sendable (CivilTime, Timestamp) -> Int
  ) -> [Function] {
    let spans = ofSpan == nil ? [] : [Function.Signature([.duration], .int)]
    return [
      .unary(name, [.init([.timestamp], .int)] + spans, isMember: true) { (value) throws(EvaluationError) in
        switch (value, ofSpan) {
        case (.timestamp(let instant), _): return .int(Int64(take(CivilTime(instant, offset: 0), instant)))
        case (.duration(let span), let ofSpan?): return .int(Int64(ofSpan(span)))
        default: throw .noOverload(name, value)
        }
      },
      .binary(name, [.init([.timestamp, .string], .int)], isMember: true) {
        (value, zone) throws(EvaluationError) in
        guard case (.timestamp(let instant), .string(let zone)) = (value, zone) else {
          throw .noOverload(name, value, zone)
        }
        let offset = try offset(of: zone, at: instant)
        return .int(Int64(take(CivilTime(instant, offset: offset), instant)))
      },
    ]
  }

  /// Seconds east of UTC in a zone given by name or as `+02:00`.
  private static func offset(of zone: Text, at instant: Timestamp) throws(EvaluationError) -> Int {
    let name = zone.string
    if let fixed = fixedOffset(name) { return fixed }
    guard let rules = ZoneDatabase.zone(named: name) else {
      throw EvaluationError(.argument, "there is no time zone \(Value.string(zone).shortText)")
    }
    return rules.offset(at: instant.seconds)
  }

  private static func fixedOffset(_ name: String) -> Int? {
    let isSigned = name.hasPrefix("+") || name.hasPrefix("-")
    let parts = name.dropFirst(isSigned ? 1 : 0).split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.count == 2 && $0.utf8.allSatisfy(Lexer.isDigit) }),
      let hours = Int(parts[0]), let minutes = Int(parts[1]), hours < 24, minutes < 60
    else { return nil }
    return (name.hasPrefix("-") ? -1 : 1) * (hours * 3600 + minutes * 60)
  }
}
