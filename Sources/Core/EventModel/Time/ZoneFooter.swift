// SPDX-License-Identifier: Apache-2.0

/// The rule for all time after the last recorded transition, in the form of POSIX `TZ` (IEEE 1003.1, 8.3),
/// with the wider range of hours of RFC 9636.
struct ZoneFooter: Sendable, Hashable {
  /// When the clocks are set, in local time before the change.
  struct Change: Sendable, Hashable {
    enum Day: Sendable, Hashable {
      /// `Jn`: 1 to 365, never counting February 29.
      case julian(Int)
      /// `n`: 0 to 365.
      case zeroBased(Int)
      /// `Mm.w.d`: the w-th weekday of a month, the last one for 5.
      case weekday(month: Int, week: Int, day: Int)
    }

    let day: Day
    let seconds: Int

    /// The change in a year as local seconds since the epoch.
    func local(in year: Int) -> Int64 {
      let newYear = CivilDate.daysSinceEpoch(year: year, month: 1, day: 1)
      let date: Int64
      switch day {
      case .julian(let number):
        date = newYear + Int64(number - 1 + (CivilDate.isLeap(year) && number >= 60 ? 1 : 0))
      case .zeroBased(let number): date = newYear + Int64(number)
      case .weekday(let month, let week, let weekday):
        let first = CivilDate.daysSinceEpoch(year: year, month: month, day: 1)
        let skip = (weekday - CivilDate.weekday(daysSinceEpoch: first) + 7) % 7
        var day = skip + (week - 1) * 7
        if day >= CivilDate.days(in: month, of: year) { day -= 7 }
        date = first + Int64(day)
      }
      return date * 86_400 + Int64(seconds)
    }
  }

  /// Daylight saving time.
  struct Summer: Sendable, Hashable {
    let offset: Int
    let start: Change
    let end: Change
  }

  private let standard: Int
  private let summer: Summer?

  init?(_ text: [UInt8]) {
    var parser = FooterParser(text: text)
    guard parser.skipName(), let west = parser.time() else { return nil }
    standard = -west
    if parser.isAtEnd {
      summer = nil
      return
    }
    guard parser.skipName() else { return nil }
    var offset = standard + 3600
    if let next = parser.peek, next != UInt8(ascii: ",") {
      guard let west = parser.time() else { return nil }
      offset = -west
    }
    guard let start = parser.change(), let end = parser.change(), parser.isAtEnd else { return nil }
    summer = Summer(offset: offset, start: start, end: end)
  }

  func offset(at instant: Int64) -> Int {
    guard let summer else { return standard }
    let local = instant + Int64(standard)
    let days = local >= 0 ? local / 86_400 : (local - 86_399) / 86_400
    let year = CivilDate.date(daysSinceEpoch: days).year
    let start = summer.start.local(in: year) - Int64(standard)
    let end = summer.end.local(in: year) - Int64(summer.offset)
    let isSummer = start < end ? instant >= start && instant < end : instant >= start || instant < end
    return isSummer ? summer.offset : standard
  }
}

private struct FooterParser {
  let text: [UInt8]
  var offset = 0

  var isAtEnd: Bool { offset == text.count }
  var peek: UInt8? { offset < text.count ? text[offset] : nil }

  mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: scalar) else { return false }
    offset += 1
    return true
  }

  mutating func skipName() -> Bool {
    let start = offset
    if skip("<") {
      while let byte = peek, byte != UInt8(ascii: ">") { offset += 1 }
      return skip(">")
    }
    while let byte = peek, (byte | 0x20) >= UInt8(ascii: "a"), (byte | 0x20) <= UInt8(ascii: "z") {
      offset += 1
    }
    return offset > start
  }

  mutating func number() -> Int? {
    let start = offset
    var value = 0
    while let byte = peek, JSONLexer.isDigit(byte), offset - start < 4 {
      value = value * 10 + Int(byte & 0xF)
      offset += 1
    }
    return offset > start ? value : nil
  }

  /// `[+-]hh[:mm[:ss]]` in seconds.
  mutating func time() -> Int? {
    let isNegative = skip("-")
    if !isNegative { _ = skip("+") }
    guard var seconds = number().map({ $0 * 3600 }) else { return nil }
    if skip(":") {
      guard let minutes = number() else { return nil }
      seconds += minutes * 60
      if skip(":") {
        guard let rest = number() else { return nil }
        seconds += rest
      }
    }
    return isNegative ? -seconds : seconds
  }

  /// `,date[/time]`, by default at 02:00.
  mutating func change() -> ZoneFooter.Change? {
    guard skip(","), let day = day() else { return nil }
    guard skip("/") else { return ZoneFooter.Change(day: day, seconds: 7200) }
    return time().map { ZoneFooter.Change(day: day, seconds: $0) }
  }

  private mutating func day() -> ZoneFooter.Change.Day? {
    if skip("J") { return number().map { .julian($0) } }
    guard skip("M") else { return number().map { .zeroBased($0) } }
    guard let month = number(), skip("."), let week = number(), skip("."), let day = number(),
      (1...12).contains(month), (1...5).contains(week), day < 7
    else { return nil }
    return .weekday(month: month, week: week, day: day)
  }
}
