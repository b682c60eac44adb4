// SPDX-License-Identifier: Apache-2.0

import EventModel

/// A span of time to the nanosecond, within ten thousand years either way.
struct DurationValue: Sendable, Hashable, Comparable {
  /// The longest span in seconds (google.protobuf.Duration).
  private static let limit: Int64 = 315_576_000_000

  let seconds: Int64
  /// Of the same sign as `seconds`, and less than a second.
  let nanoseconds: Int32

  /// Makes a span of seconds and nanoseconds of any size and sign; nil beyond the limits.
  init?(seconds: Int64, nanoseconds: Int64 = 0) {
    var (total, overflows) = seconds.addingReportingOverflow(nanoseconds / 1_000_000_000)
    var rest = nanoseconds % 1_000_000_000
    if total > 0 && rest < 0 {
      total -= 1
      rest += 1_000_000_000
    } else if total < 0 && rest > 0 {
      total += 1
      rest -= 1_000_000_000
    }
    let isTooLong =
      total.magnitude > Self.limit.magnitude || (total.magnitude == Self.limit.magnitude && rest != 0)
    guard !overflows, !isTooLong else { return nil }
    self.seconds = total
    self.nanoseconds = Int32(rest)
  }

  static func < (left: DurationValue, right: DurationValue) -> Bool {
    (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
  }

  static func + (left: DurationValue, right: DurationValue) -> DurationValue? {
    DurationValue(
      seconds: left.seconds + right.seconds,
      nanoseconds: Int64(left.nanoseconds) + Int64(right.nanoseconds)
    )
  }

  static func - (left: DurationValue, right: DurationValue) -> DurationValue? {
    DurationValue(
      seconds: left.seconds - right.seconds,
      nanoseconds: Int64(left.nanoseconds) - Int64(right.nanoseconds)
    )
  }

  /// Seconds with as many of 0, 3, 6 or 9 digits after the point as needed, such as `1.500s`.
  var text: String {
    guard nanoseconds != 0 else { return "\(seconds)s" }
    let digits = String(nanoseconds.magnitude)
    var fraction = String(repeating: "0", count: 9 - digits.count) + digits
    while fraction.hasSuffix("0") { fraction.removeLast() }
    let sign = seconds < 0 || nanoseconds < 0 ? "-" : ""
    return "\(sign)\(seconds.magnitude).\(fraction)s"
  }
}

extension DurationValue {
  /// Reads a span such as `1h2m3.5s`, `-1.5h` or `250ms`; also `7d`, which CEL itself does not know.
  init?(_ text: String) {
    var rest = Substring(text)
    let isNegative = rest.hasPrefix("-")
    if isNegative || rest.hasPrefix("+") { rest.removeFirst() }
    if rest == "0" {
      self.init(seconds: 0)
      return
    }
    guard !rest.isEmpty else { return nil }
    var total = DurationValue(seconds: 0)
    while !rest.isEmpty {
      guard let part = Self.takePart(&rest, isNegative), let sum = total.flatMap({ $0 + part }) else {
        return nil
      }
      total = sum
    }
    guard let total else { return nil }
    self = total
  }

  private static let units: [(name: String, nanoseconds: Int64)] = [
    ("ns", 1), ("us", 1000), ("µs", 1000), ("μs", 1000), ("ms", 1_000_000), ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000), ("d", 86_400_000_000_000),
  ]

  /// Takes a decimal number with its unit from the beginning of a text.
  private static func takePart(_ rest: inout Substring, _ isNegative: Bool) -> DurationValue? {
    let whole = rest.prefix { $0.isASCII && $0.isNumber }
    rest = rest[whole.endIndex...]
    var fraction = Substring()
    if rest.hasPrefix(".") {
      rest.removeFirst()
      fraction = rest.prefix { $0.isASCII && $0.isNumber }
      rest = rest[fraction.endIndex...]
    }
    let name = rest.prefix { $0.isLetter }
    rest = rest[name.endIndex...]
    guard !whole.isEmpty || !fraction.isEmpty,
      let unit = units.first(where: { $0.name == name })?.nanoseconds,
      let number = Int64(whole.isEmpty ? "0" : whole)
    else { return nil }
    let product = number.multipliedFullWidth(by: unit)
    let divided = Int64(1_000_000_000)
    guard product.high.magnitude < UInt64(divided) / 4 else { return nil }
    let (seconds, nanoseconds) = divided.dividingFullWidth(product)
    let share = fractionOfUnit(fraction, unit)
    return DurationValue(
      seconds: isNegative ? -seconds : seconds,
      nanoseconds: isNegative ? -(nanoseconds + share) : nanoseconds + share
    )
  }

  /// The nanoseconds of the digits after the point; what is less than a nanosecond is dropped.
  private static func fractionOfUnit(_ digits: Substring, _ unit: Int64) -> Int64 {
    var result: Int64 = 0
    var weight = unit
    for digit in digits.utf8 where weight > 0 {
      // The weight is a multiple of ten until it falls below the resolution, except for minutes, hours and days.
      result += weight * Int64(digit & 0xF) / 10
      weight /= 10
    }
    return result
  }
}

extension Timestamp {
  /// The instants that CEL knows: the years 1 to 9999.
  static let celRange =
    Timestamp(seconds: -62_135_596_800)...Timestamp(seconds: 253_402_300_799, nanoseconds: 999_999_999)

  /// The instant later by a duration; nil outside the years 1 to 9999.
  func advanced(by duration: DurationValue, isBackwards: Bool = false) -> Timestamp? {
    let sign: Int64 = isBackwards ? -1 : 1
    var seconds = seconds + sign * duration.seconds
    var nanoseconds = Int64(nanoseconds) + sign * Int64(duration.nanoseconds)
    if nanoseconds < 0 {
      seconds -= 1
      nanoseconds += 1_000_000_000
    } else if nanoseconds >= 1_000_000_000 {
      seconds += 1
      nanoseconds -= 1_000_000_000
    }
    let result = Timestamp(seconds: seconds, nanoseconds: Int32(nanoseconds))
    return Self.celRange.contains(result) ? result : nil
  }
}
