// SPDX-License-Identifier: Apache-2.0

extension Timestamp {
  /// Reads an RFC 3339 date-time with any offset; digits beyond nanoseconds are dropped.
  ///
  /// A leap second, 23:59:60 UTC, is read as the first second of the next day.
  public init?(rfc3339 text: Span<UInt8>) {
    var reader = DigitReader()
    guard let year = reader.number(text, 4), reader.skip(text, "-"), let month = reader.number(text, 2),
      reader.skip(text, "-"),
      let day = reader.number(text, 2), reader.skip(text, "T", or: "t"), let hour = reader.number(text, 2),
      reader.skip(text, ":"),
      let minute = reader.number(text, 2), reader.skip(text, ":"), let second = reader.number(text, 2)
    else { return nil }
    guard (1...12).contains(month), day >= 1, day <= CivilDate.days(in: month, of: year), hour < 24,
      minute < 60, second <= 60
    else { return nil }
    var fraction: Int32 = 0
    if reader.skip(text, ".") {
      guard let digits = reader.fraction(text) else { return nil }
      fraction = digits
    }
    guard let offset = reader.zoneOffset(text), reader.offset == text.count else { return nil }
    let days = CivilDate.daysSinceEpoch(year: year, month: month, day: day)
    let seconds = days * 86_400 + Int64(hour * 3600 + minute * 60 + second - offset)
    if second == 60 && (seconds % 86_400 + 86_400) % 86_400 != 0 { return nil }
    self.init(seconds: seconds, nanoseconds: fraction)
  }

  /// Reads an RFC 3339 date-time.
  public init?(rfc3339 text: String) {
    self.init(rfc3339: Array(text.utf8).span)
  }

  /// The instant in UTC with as many of 0, 3, 6 or 9 fraction digits as it needs, ending in `Z`.
  public var rfc3339: String {
    var bytes: [UInt8] = []
    appendRFC3339(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Appends what `rfc3339` returns; the year must be in 0...9999.
  public func appendRFC3339(to bytes: inout [UInt8]) {
    let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
    let second = Int(seconds - days * 86_400)
    let date = CivilDate.date(daysSinceEpoch: days)
    precondition((0...9999).contains(date.year), "RFC 3339 has no such year")
    bytes.appendDigits(date.year, 4)
    bytes.append(UInt8(ascii: "-"))
    bytes.appendDigits(date.month, 2)
    bytes.append(UInt8(ascii: "-"))
    bytes.appendDigits(date.day, 2)
    bytes.append(UInt8(ascii: "T"))
    bytes.appendDigits(second / 3600, 2)
    bytes.append(UInt8(ascii: ":"))
    bytes.appendDigits(second / 60 % 60, 2)
    bytes.append(UInt8(ascii: ":"))
    bytes.appendDigits(second % 60, 2)
    if nanoseconds > 0 {
      bytes.append(UInt8(ascii: "."))
      let nanoseconds = Int(nanoseconds)
      if nanoseconds % 1_000_000 == 0 {
        bytes.appendDigits(nanoseconds / 1_000_000, 3)
      } else if nanoseconds % 1000 == 0 {
        bytes.appendDigits(nanoseconds / 1000, 6)
      } else {
        bytes.appendDigits(nanoseconds, 9)
      }
    }
    bytes.append(UInt8(ascii: "Z"))
  }
}

extension [UInt8] {
  /// Appends the last `count` decimal digits of `number`, with leading zeros.
  fileprivate mutating func appendDigits(_ number: Int, _ count: Int) {
    var divisor = 1
    for _ in 1..<count { divisor *= 10 }
    while divisor > 0 {
      append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
      divisor /= 10
    }
  }
}

/// Reads fixed runs of digits.
private struct DigitReader {
  var offset = 0

  mutating func number(_ text: Span<UInt8>, _ count: Int) -> Int? {
    guard offset + count <= text.count else { return nil }
    var value = 0
    for _ in 0..<count {
      guard JSONLexer.isDigit(text[offset]) else { return nil }
      value = value * 10 + Int(text[offset] & 0xF)
      offset += 1
    }
    return value
  }

  mutating func skip(_ text: Span<UInt8>, _ first: Unicode.Scalar, or second: Unicode.Scalar? = nil) -> Bool {
    guard offset < text.count,
      text[offset] == UInt8(ascii: first) || text[offset] == second.map({ UInt8(ascii: $0) })
    else { return false }
    offset += 1
    return true
  }

  mutating func fraction(_ text: Span<UInt8>) -> Int32? {
    let start = offset
    var value: Int32 = 0
    var digits = 0
    while offset < text.count && JSONLexer.isDigit(text[offset]) {
      if digits < 9 { value = value * 10 + Int32(text[offset] & 0xF) }
      digits += 1
      offset += 1
    }
    guard offset > start else { return nil }
    while digits < 9 {
      value *= 10
      digits += 1
    }
    return value
  }

  /// Seconds east of UTC.
  mutating func zoneOffset(_ text: Span<UInt8>) -> Int? {
    if skip(text, "Z", or: "z") { return 0 }
    let isWest = skip(text, "-")
    guard isWest || skip(text, "+"), let hours = number(text, 2), skip(text, ":"),
      let minutes = number(text, 2), hours < 24,
      minutes < 60
    else { return nil }
    return (isWest ? -1 : 1) * (hours * 3600 + minutes * 60)
  }
}
