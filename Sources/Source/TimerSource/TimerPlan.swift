// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// When a timer fires.
public struct TimerPlan: Sendable {
  /// The rhythm.
  public enum Rhythm: Sendable {
    /// Again and again after this long, counted from the moment when the timer was first seen.
    case every(Duration)
    /// Once.
    case at(Timestamp)
    /// When a cron expression says.
    case cron(CronSchedule)
  }

  /// What becomes of firings that fell into a time when the host did not run.
  public enum Missed: String, Sendable, CaseIterable {
    /// One firing stands for all of them.
    case runOnce = "run_once"
    /// Each is made up for, up to `TimerPlan.maximumMadeUp`.
    case runAll = "run_all"
    /// They are left out.
    case skip
  }

  /// How many missed firings `runAll` makes up for at most: the latest ones.
  public static let maximumMadeUp = 1000

  /// The rhythm.
  public let rhythm: Rhythm
  /// What becomes of missed firings.
  public let missed: Missed
  /// A firing may come up to this much late, so that many hosts do not act at once.
  public let jitter: Duration

  /// Makes a plan; a period is at least a microsecond, jitter is none or at least that.
  public init(_ rhythm: Rhythm, missed: Missed = .runOnce, jitter: Duration = .zero) {
    if case .every(let period) = rhythm { precondition(period >= .microseconds(1), "a period takes time") }
    precondition(jitter == .zero || jitter >= .microseconds(1), "jitter is none or takes time")
    self.rhythm = rhythm
    self.missed = missed
    self.jitter = jitter
  }

  /// The first firing after an instant; nil when there is none any more.
  ///
  /// `anchor` is the moment when the timer was first seen.
  public func next(after instant: Timestamp, anchor: Timestamp) -> Timestamp? {
    switch rhythm {
    case .cron(let schedule): return schedule.next(after: instant)
    case .at(let moment): return moment > instant ? moment : nil
    case .every(let period):
      let elapsed = max(instant - anchor, .zero)
      let microseconds = Self.microseconds(period)
      let count = Self.microseconds(elapsed) / microseconds + 1
      return anchor + .microseconds(count * microseconds)
    }
  }

  /// The missed firings that are to be made up for after a time away, ascending.
  public func madeUp(after last: Timestamp, until now: Timestamp, anchor: Timestamp) -> [Timestamp] {
    guard missed != .skip else { return [] }
    let limit = missed == .runOnce ? 1 : Self.maximumMadeUp
    var kept: [Timestamp] = []
    var instant = latestStart(after: last, until: now, anchor: anchor, keeping: limit)
    while let next = next(after: instant, anchor: anchor), next <= now {
      kept.append(next)
      if kept.count >= 2 * limit { kept.removeFirst(kept.count - limit) }
      instant = next
    }
    return kept.suffix(limit)
  }

  /// A later place to start from that leaves out only firings that would be dropped.
  private func latestStart(
    after last: Timestamp,
    until now: Timestamp,
    anchor: Timestamp,
    keeping count: Int
  ) -> Timestamp {
    guard case .every(let period) = rhythm else { return last }
    let window = Int64(count + 1).multipliedReportingOverflow(by: Self.microseconds(period))
    guard !window.overflow else { return last }
    return max(last, now + .microseconds(-window.partialValue))
  }

  /// Whole microseconds; in integers, since a rounded quotient could make a firing its own successor.
  private static func microseconds(_ duration: Duration) -> Int64 {
    let (seconds, attoseconds) = duration.components
    return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
  }
}
