// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// Events and the checkpoint changes that commit together with them; either part may be empty.
public struct SourceBatch: Sendable {
  /// The events in the order in which they happened.
  public var events: EventBatch
  /// Changes to the source's checkpoint entries, applied in order.
  public var checkpoint: [CheckpointChange]

  /// Makes a batch.
  public init(events: EventBatch, checkpoint: [CheckpointChange] = []) {
    self.events = events
    self.checkpoint = checkpoint
  }
}

/// A change to one entry of a source's checkpoint.
public struct CheckpointChange: Sendable, Hashable {
  /// The entry's key within the source, for example a path.
  public var key: [UInt8]
  /// The entry's new value, or nil to remove the entry.
  public var value: [UInt8]?

  /// Makes a change.
  public init(key: [UInt8], value: [UInt8]?) {
    self.key = key
    self.value = value
  }
}

/// What became of one appended event.
public enum AppendOutcome: Sendable, Hashable {
  /// The event is on disk at this position.
  case appended(LogPosition)
  /// An event of the same source and id was already there, at this position; nothing was stored.
  case duplicate(LogPosition)

  /// Where the event is.
  public var position: LogPosition {
    switch self {
    case .appended(let position), .duplicate(let position): position
    }
  }

  /// Whether nothing was stored.
  public var isDuplicate: Bool { if case .duplicate = self { true } else { false } }
}

/// The way into the log for a source.
///
/// Safe to call from any thread.
public protocol EventSink: Sendable {
  /// Appends a batch and reports after its commit, or that it was not committed.
  ///
  /// Batches of one caller are committed in the order of the calls. `completion` is called once, on a thread
  /// of the log, with one outcome for each event; it must return quickly and must not call back into the
  /// log synchronously.
  func append(
    _ batch: SourceBatch,
    completion: @escaping @Sendable (Result<[AppendOutcome], any Error>) -> Void
  )
}

extension EventSink {
  /// Appends a batch and returns after its commit, with one outcome for each event.
  @discardableResult
  public func append(_ batch: SourceBatch) async throws -> [AppendOutcome] {
    try await withCheckedThrowingContinuation { continuation in
      append(batch) { continuation.resume(with: $0) }
    }
  }
}

/// Read access to the committed checkpoint entries of one source.
public protocol CheckpointReader: Sendable {
  /// The value stored under `key`, if any.
  func value(for key: [UInt8]) throws -> [UInt8]?
  /// Calls `body` for every entry in ascending order of the key's bytes.
  func forEach(_ body: (_ key: [UInt8], _ value: [UInt8]) throws -> Void) throws
}
