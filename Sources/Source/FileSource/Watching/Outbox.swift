// SPDX-License-Identifier: Apache-2.0

import EventModel
import EventSources
import Synchronization

/// Gathers changes into batches and hands them to the log, a few at a time.
///
/// Used by the watching thread. While too many batches are under way it waits, and the kernel's queue holds
/// what happens meanwhile; should that overflow, a rescan makes up for it.
final class Outbox: ChangeSink {
  private static let mostEvents = 256
  private static let mostEntries = 2048
  private static let mostUnderWay = 4

  private final class Traffic: Sendable {
    let state = Mutex((underWay: 0, failure: (any Error)?.none))
  }

  private let sink: any EventSink
  private let wake: WakePipe
  private let overflow: CloudEvent
  private let traffic = Traffic()
  private var intake: EventIntake
  private var events = EventBatch()
  private var checkpoint: [CheckpointChange] = []

  init(_ plan: FilePlan, _ context: SourceContext, _ wake: WakePipe) {
    sink = context.sink
    self.wake = wake
    overflow = plan.overflow
    intake = EventIntake(defaultSource: context.name, clock: context.clock)
  }

  func take(_ change: FileChange) throws {
    if let report = change.report { try append(report.event) }
    checkpoint += change.checkpoint
    if events.count >= Self.mostEvents || checkpoint.count >= Self.mostEntries { try flush() }
  }

  func takeOverflow() throws { try append(overflow) }

  private func append(_ event: CloudEvent) throws {
    if events.isEmpty { intake.beginBatch() }
    try intake.append(event, to: &events)
  }

  /// Hands over what has been gathered.
  func flush() throws {
    guard !events.isEmpty || !checkpoint.isEmpty else { return try check() }
    try waitUntilUnderWay(isBelow: Self.mostUnderWay)
    traffic.state.withLock { $0.underWay += 1 }
    let batch = SourceBatch(events: events, checkpoint: checkpoint)
    events = EventBatch()
    checkpoint = []
    sink.append(batch) { [traffic, wake] result in
      traffic.state.withLock { state in
        state.underWay -= 1
        if case .failure(let error) = result, state.failure == nil { state.failure = error }
      }
      wake.ring()
    }
  }

  /// Returns when everything is on disk.
  func drain() throws {
    try flush()
    try waitUntilUnderWay(isBelow: 1)
  }

  /// Throws what went wrong with an earlier batch.
  func check() throws {
    if let failure = traffic.state.withLock(\.failure) { throw failure }
  }

  private func waitUntilUnderWay(isBelow limit: Int) throws {
    while true {
      try check()
      if traffic.state.withLock(\.underWay) < limit { return }
      if wake.isStopped { throw CancellationError() }
      wake.wait(-1, milliseconds: 1000)
    }
  }
}
