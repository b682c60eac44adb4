// SPDX-License-Identifier: Apache-2.0

import EventModel

/// A time on the local clock, without a zone.
struct WallTime {
  /// Days since 1970-01-01.
  private(set) var day: Int64
  private(set) var hour: Int
  private(set) var minute: Int
  private(set) var second: Int

  init(local: Int64) {
    day = local >= 0 ? local / 86_400 : (local - 86_399) / 86_400
    let rest = Int(local - day * 86_400)
    hour = rest / 3600
    minute = rest / 60 % 60
    second = rest % 60
  }

  /// Seconds since 1970-01-01T00:00:00 on the local clock.
  var local: Int64 { day * 86_400 + Int64(hour * 3600 + minute * 60 + second) }

  mutating func startOfNextMinute() { self = WallTime(local: local - Int64(second) + 60) }

  mutating func startOfDay(_ day: Int64) { self = WallTime(local: day * 86_400) }

  mutating func set(hour: Int, minute: Int) {
    self.hour = hour
    self.minute = minute
    second = 0
  }
}

/// A clock that runs in real time and shows local time.
struct RealTime {
  private let zone: ZoneRules
  /// Seconds since the epoch.
  private(set) var instant: Int64

  init(zone: ZoneRules, instant: Int64) {
    self.zone = zone
    self.instant = instant
  }

  var wall: WallTime { WallTime(local: instant + Int64(zone.offset(at: instant))) }

  mutating func advance(by seconds: Int) { instant += Int64(seconds) }

  /// Sets the clock to a local time; one that comes twice is meant as the first, unless the clock is in the
  /// second passage already.
  mutating func set(local: Int64) { instant = resolve(local, isSecond: false) }

  /// Goes back to minute 0 of the hour that the clock shows.
  mutating func startOfHour() {
    let local = instant + Int64(zone.offset(at: instant))
    var isSecond = false
    if case .repeated(_, let second) = zone.meaning(ofLocal: local) { isSecond = second == instant }
    instant = resolve(local - Int64(wall.minute * 60 + wall.second), isSecond: isSecond)
  }

  private func resolve(_ local: Int64, isSecond: Bool) -> Int64 {
    switch zone.meaning(ofLocal: local) {
    case .unique(let instant): instant
    case .repeated(let first, let second): isSecond ? second : first
    case .skipped(let before, let after): isSecond ? after : before
    }
  }
}
