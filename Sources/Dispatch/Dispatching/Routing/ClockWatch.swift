// SPDX-License-Identifier: Apache-2.0

import EventModel

/// Notices that the wall clock was set, by how far civil time is from steady time.
///
/// What a rule does follows from the events and the steady times at which they were recorded; with what this tells, these
/// can be found again from the log. A pure value.
struct ClockWatch: Sendable {
  /// Smaller differences are those by which a time service steers a clock.
  static let threshold = Duration.seconds(1)

  /// What was told last, and what will have been when the transaction is committed.
  private var told: Duration?
  private var next: Duration?

  /// By how much the clock was set since that was told last; nil when it was not.
  mutating func look(_ time: SteadyClock.Reading) -> Duration? {
    guard let known = next ?? told else {
      next = time.difference
      return nil
    }
    let change = time.difference - known
    guard change > Self.threshold || change < .zero - Self.threshold else { return nil }
    next = time.difference
    return change
  }

  /// What was seen in the transaction has been told.
  mutating func commit() {
    told = next ?? told
    next = nil
  }

  /// What was seen in the transaction has not been told.
  mutating func rollBack() { next = nil }

  /// The event that tells of it, a JSON object.
  static func notice(_ change: Duration) -> [UInt8] {
    let (seconds, attoseconds) = change.components
    let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
    var event = CloudEvent(
      type: "earshot.clock.changed",
      data: ["by_milliseconds": .number("\(milliseconds)")]
    )
    event.source = "earshot"
    var bytes: [UInt8] = []
    event.json.appendJSON(to: &bytes)
    return bytes
  }
}
