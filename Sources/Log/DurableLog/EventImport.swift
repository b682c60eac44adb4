// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// Events of another log, to be appended without being routed: nothing follows from them.
///
/// They keep when they were recorded as far as the order of the log allows: none is recorded before the event that is
/// before it, or in the future. The log remembers which events have come so (`LogReading.wasImported`).
public struct EventImport: Sendable {
  /// The events, in order.
  public private(set) var events = EventBatch()
  /// When each was recorded.
  public private(set) var recorded: [Timestamp] = []

  /// Makes an empty one.
  public init() {}

  /// Adds the events of a batch, which were all recorded at an instant.
  public mutating func append(_ batch: EventBatch, recorded instant: Timestamp) {
    recorded += Array(repeating: instant, count: batch.count)
    events.append(batch)
  }

  /// When an event is taken to be recorded that follows one of an instant.
  public func recorded(_ index: Int, after previous: Timestamp, at now: Timestamp) -> Timestamp {
    min(now, max(previous, recorded[index]))
  }
}
