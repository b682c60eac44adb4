// SPDX-License-Identifier: Apache-2.0

import EventModel

/// A cron expression of five fields, or of six with the seconds first.
///
/// The grammar is that of Debian's cron with `L`, `LW`, `5L`, `1#2` and `?` for the days, and with the names
/// `@yearly`, `@monthly`, `@weekly`, `@daily`, `@hourly` and their synonyms. If one of the two day fields
/// begins with `*`, both must match, otherwise either.
public struct CronExpression: Sendable, Hashable {
  let seconds: CronSet
  let minutes: CronSet
  let hours: CronSet
  let days: CronSet
  let months: CronSet
  let weekdays: CronSet

  /// Whether the expression names times of the day, each of which is to come once a day whatever the clocks
  /// do, rather than following real time.
  let isFixed: Bool

  private static let nicknames = [
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
  ]

  /// Parses an expression.
  public init(_ text: String) throws(CronError) {
    let written = Array((Self.nicknames[text.lowercased()] ?? text).utf8)
    var fields: [(text: [UInt8], start: Int)] = []
    var offset = 0
    for part in written.split(omittingEmptySubsequences: false, whereSeparator: { $0 == 0x20 || $0 == 0x09 })
    {
      if !part.isEmpty { fields.append((Array(part), offset)) }
      offset += part.count + 1
    }
    guard fields.count == 5 || fields.count == 6 else {
      throw CronError(
        .fieldCount,
        0..<written.count,
        "a cron expression has five fields, or six with the seconds first; this one has \(fields.count)"
      )
    }
    let hasSeconds = fields.count == 6
    if !hasSeconds { fields.insert(([UInt8(ascii: "0")], 0), at: 0) }
    seconds = try CronParser.parse(.second, fields[0].text, at: fields[0].start)
    minutes = try CronParser.parse(.minute, fields[1].text, at: fields[1].start)
    hours = try CronParser.parse(.hour, fields[2].text, at: fields[2].start)
    days = try CronParser.parse(.day, fields[3].text, at: fields[3].start)
    months = try CronParser.parse(.month, fields[4].text, at: fields[4].start)
    weekdays = try CronParser.parse(.weekday, fields[5].text, at: fields[5].start)
    isFixed = !hasSeconds && !minutes.isOpen && !hours.isOpen
    try checkThatItFires(fields[3].start..<fields[3].start + fields[3].text.count)
  }

  /// Refuses dates that no year has.
  ///
  /// Every pair of a date and a weekday comes within forty years.
  private func checkThatItFires(_ range: Range<Int>) throws(CronError) {
    let first = CivilDate.daysSinceEpoch(year: 2000, month: 1, day: 1)
    for day in first..<first + 40 * 366 {
      let date = CivilDate.date(daysSinceEpoch: day)
      if months.contains(date.month) && matches(day: day, date) { return }
    }
    throw CronError(.never, range, "day of month: no year has such a date, so this would never fire")
  }

  /// Whether a date satisfies the two day fields.
  func matches(day: Int64, _ date: (year: Int, month: Int, day: Int)) -> Bool {
    let length = CivilDate.days(in: date.month, of: date.year)
    let weekday = CivilDate.weekday(daysSinceEpoch: day)
    let isDay =
      days.contains(date.day) || (days.hasLastDay && date.day == length)
      || (days.hasLastWorkday && date.day == Self.lastWorkday(length, date.day, weekday))
    let isWeekday =
      weekdays.contains(weekday)
      || (weekdays.lastWeekdays >> UInt8(weekday) & 1 == 1 && date.day > length - 7)
      || (!weekdays.nthWeekdays.isEmpty
        && weekdays.nthWeekdays[(date.day + 6) / 7] >> UInt8(weekday) & 1 == 1)
    return days.isOpen || weekdays.isOpen ? isDay && isWeekday : isDay || isWeekday
  }

  /// The last day from Monday to Friday of a month of `length` days in which `day` falls on `weekday`.
  private static func lastWorkday(_ length: Int, _ day: Int, _ weekday: Int) -> Int {
    switch (weekday + length - day) % 7 {
    case 6: length - 1
    case 0: length - 2
    default: length
    }
  }
}
