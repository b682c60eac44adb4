// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// The instants at which a cron expression fires in a time zone.
///
/// When the clocks change, an expression that names times of the day fires once for each: a time that is
/// skipped fires right after the gap, a time that comes twice fires the first time. An expression whose
/// minutes or hours begin with `*`, or that has seconds, follows real time. This is what Debian's cron does;
/// in zones that change by part of an hour, the steps of a real-time expression are taken as its
/// reimplementation cronsim takes them.
public struct CronSchedule: Sendable {
  private let expression: CronExpression
  private let zone: ZoneRules

  /// Makes a schedule.
  public init(_ expression: CronExpression, zone: ZoneRules) {
    self.expression = expression
    self.zone = zone
  }

  /// The first instant after `instant` at which the expression fires.
  public func next(after instant: Timestamp) -> Timestamp {
    Timestamp(seconds: expression.isFixed ? nextFixed(instant.seconds) : nextReal(instant.seconds))
  }

  private func nextFixed(_ instant: Int64) -> Int64 {
    var wall = WallTime(local: instant + Int64(zone.offset(at: instant)))
    wall.startOfNextMinute()
    while true {
      seekFixed(&wall)
      switch zone.meaning(ofLocal: wall.local) {
      case .unique(let found), .repeated(let found, _):
        if found > instant { return found }
        wall.startOfNextMinute()
      case .skipped(let before, _):
        let gapEnd = endOfGap(at: before)
        if gapEnd > instant { return gapEnd }
        wall = WallTime(local: gapEnd + Int64(zone.offset(at: gapEnd)))
        wall.startOfNextMinute()
      }
    }
  }

  /// The first instant after the gap in which the local time lies that would come at `before`.
  private func endOfGap(at before: Int64) -> Int64 {
    var low = before - 86_400
    var high = before
    let offset = zone.offset(at: before)
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if zone.offset(at: middle) == offset { high = middle } else { low = middle }
    }
    return high
  }

  /// Moves on to the first local time, this one included, that the expression allows.
  private func seekFixed(_ wall: inout WallTime) {
    while true {
      if seekDate(&wall) { continue }
      guard let hour = expression.hours.next(from: wall.hour) else {
        wall.startOfDay(wall.day + 1)
        continue
      }
      if hour > wall.hour { wall.set(hour: hour, minute: 0) }
      guard let minute = expression.minutes.next(from: wall.minute) else {
        if wall.hour == 23 { wall.startOfDay(wall.day + 1) } else { wall.set(hour: wall.hour + 1, minute: 0) }
        continue
      }
      wall.set(hour: wall.hour, minute: minute)
      return
    }
  }

  /// Moves on to the start of the next day whose date is allowed; true when that moved.
  private func seekDate(_ wall: inout WallTime) -> Bool {
    var day = wall.day
    while true {
      let date = CivilDate.date(daysSinceEpoch: day)
      if !expression.months.contains(date.month) {
        day += Int64(CivilDate.days(in: date.month, of: date.year) - date.day + 1)
      } else if expression.matches(day: day, date) {
        break
      } else {
        day += 1
      }
    }
    if day == wall.day { return false }
    wall.startOfDay(day)
    return true
  }

  private func nextReal(_ instant: Int64) -> Int64 {
    var clock = RealTime(zone: zone, instant: instant)
    clock.advance(by: expression.seconds.numbers == 1 ? 60 - clock.wall.second : 1)
    while true {
      var wall = clock.wall
      if seekDate(&wall) {
        clock.set(local: wall.local)
        continue
      }
      if seekHour(&clock) || seekMinute(&clock) { continue }
      guard let second = expression.seconds.next(from: clock.wall.second) else {
        clock.advance(by: 60 - clock.wall.second)
        continue
      }
      clock.advance(by: second - clock.wall.second)
      if clock.instant > instant { return clock.instant }
      clock.advance(by: 1)
    }
  }

  /// Moves on hour by hour in real time; true when that moved.
  private func seekHour(_ clock: inout RealTime) -> Bool {
    if expression.hours.contains(clock.wall.hour) { return false }
    clock.startOfHour()
    repeat {
      clock.advance(by: 3600)
    } while !expression.hours.contains(clock.wall.hour) && clock.wall.hour != 0
    return true
  }

  /// Moves on minute by minute in real time; true when month, day and hour must be looked at again.
  private func seekMinute(_ clock: inout RealTime) -> Bool {
    if expression.minutes.contains(clock.wall.minute) { return false }
    let wall = clock.wall
    let next =
      expression.minutes.next(from: wall.minute) ?? 60 + expression.minutes.numbers.trailingZeroBitCount
    let isSingle = expression.minutes.numbers.nonzeroBitCount == 1
    let target = isSingle ? next : min(next, 60)
    clock.advance(by: (target - wall.minute) * 60 - wall.second)
    return true
  }
}
