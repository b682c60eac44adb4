// SPDX-License-Identifier: Apache-2.0

/// An instant of civil time with nanosecond resolution, counted from 1970-01-01T00:00:00Z without leap seconds.
public struct Timestamp: Hashable, Comparable, Sendable {
  /// Whole seconds since the epoch; negative before it.
  public let seconds: Int64
  /// Nanoseconds after `seconds`, 0 to 999 999 999.
  public let nanoseconds: Int32

  /// Makes an instant; `nanoseconds` must be in 0..<1 000 000 000.
  public init(seconds: Int64, nanoseconds: Int32 = 0) {
    precondition(nanoseconds >= 0 && nanoseconds < 1_000_000_000, "nanoseconds out of range")
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }

  /// Makes an instant from microseconds since the epoch.
  public init(microseconds: Int64) {
    let (seconds, rest) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    if rest < 0 {
      self.init(seconds: seconds - 1, nanoseconds: Int32(rest + 1_000_000) * 1000)
    } else {
      self.init(seconds: seconds, nanoseconds: Int32(rest) * 1000)
    }
  }

  /// Microseconds since the epoch, rounded toward the past; the resolution that the log stores.
  public var microseconds: Int64 { seconds * 1_000_000 + Int64(nanoseconds / 1000) }

  /// Orders instants by time.
  public static func < (left: Timestamp, right: Timestamp) -> Bool {
    (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
  }

  /// The instant that lies `duration` later.
  public static func + (instant: Timestamp, duration: Duration) -> Timestamp {
    let (seconds, attoseconds) = duration.components
    let nanoseconds = Int64(instant.nanoseconds) + attoseconds / 1_000_000_000
    let carry = nanoseconds >= 1_000_000_000 ? 1 : nanoseconds < 0 ? -1 : 0
    return Timestamp(
      seconds: instant.seconds + seconds + Int64(carry),
      nanoseconds: Int32(nanoseconds - Int64(carry) * 1_000_000_000)
    )
  }

  /// The time from `right` to `left`; negative when `left` is earlier.
  public static func - (left: Timestamp, right: Timestamp) -> Duration {
    Duration(
      secondsComponent: left.seconds - right.seconds,
      attosecondsComponent: Int64(left.nanoseconds - right.nanoseconds) * 1_000_000_000
    )
  }
}
