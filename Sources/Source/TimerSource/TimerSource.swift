// SPDX-License-Identifier: Apache-2.0

import EventModel
public import EventSources

// Theory of operation.
//
// A timer's plan is a pure function from an instant to the next firing. The source sleeps until that, appends one
// `timer.fired` and, in the same commit, notes the firing in its checkpoint; so a firing happens once, whatever
// happens to the host. The event's id is made of the scheduled time, so even a clock that is set back cannot make a
// firing happen twice. After a time away the checkpoint tells what was missed.

/// A timer that fires by a plan.
public struct TimerEvents: EventSource {
  private let plan: TimerPlan
  private let seed: UInt64

  private static let anchorKey = Array("anchor".utf8)
  private static let lastKey = Array("last".utf8)

  /// Makes a timer; `seed` decides the jitter.
  public init(_ plan: TimerPlan, seed: UInt64) {
    self.plan = plan
    self.seed = seed
  }

  /// Fires until the task is cancelled, or until no firing is left.
  public func run(_ context: SourceContext) async throws {
    var random = SeededRandom(seed: seed)
    let started = context.clock.now()
    let known = try instant(Self.anchorKey, context)
    let anchor = known ?? started
    if known == nil {
      try await context.sink.append(
        SourceBatch(events: EventBatch(), checkpoint: [note(Self.anchorKey, anchor)])
      )
    }
    var last = try instant(Self.lastKey, context) ?? anchor
    for missed in plan.madeUp(after: last, until: started, anchor: anchor) {
      try await fire(missed, isMissed: true, context)
    }
    last = max(last, started)
    context.ready()
    while let next = plan.next(after: last, anchor: anchor) {
      try await context.clock.sleep(until: next + delay(&random))
      try await fire(next, isMissed: false, context)
      last = next
    }
    // Nothing is left to wait for, but a source lives as long as its host.
    while true { try await context.clock.sleep(for: .seconds(86_400 * 365)) }
  }

  private func delay(_ random: inout SeededRandom) -> Duration {
    guard plan.jitter > .zero else { return .zero }
    return .microseconds(Int64.random(in: 0..<Int64(plan.jitter / .microseconds(1)), using: &random))
  }

  private func fire(_ scheduled: Timestamp, isMissed: Bool, _ context: SourceContext) async throws {
    var intake = EventIntake(defaultSource: context.name, clock: context.clock)
    var event = CloudEvent(
      type: "timer.fired",
      data: ["scheduled": .string(scheduled.rfc3339), "missed": .bool(isMissed)]
    )
    event.id = scheduled.rfc3339
    var events = EventBatch()
    try intake.append(event, to: &events)
    try await context.sink.append(SourceBatch(events: events, checkpoint: [note(Self.lastKey, scheduled)]))
  }

  private func note(_ key: [UInt8], _ instant: Timestamp) -> CheckpointChange {
    CheckpointChange(key: key, value: Array(instant.rfc3339.utf8))
  }

  private func instant(_ key: [UInt8], _ context: SourceContext) throws -> Timestamp? {
    try context.checkpoint.value(for: key).flatMap { Timestamp(rfc3339: String(decoding: $0, as: UTF8.self)) }
  }
}
