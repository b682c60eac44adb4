// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Rules
import Synchronization

/// The states of things that conditions have looked up, so that not all of their events are folded again.
///
/// What was read in a transaction that was undone is forgotten. Bounded: when there are many, all are forgotten.
final class StateMemory: Sendable {
  struct Entry {
    var state: JSONValue
    var version: Int64
    /// The last event that made it; nil when none has.
    var position: LogPosition?
  }

  private static let capacity = 4096
  private let entries = Mutex<[StreamName: (foldHash: String, entry: Entry)]>([:])

  /// The state of a thing, if it was made by the same definition.
  func entry(of stream: StreamName, _ aggregate: Aggregate) -> Entry? {
    entries.withLock { entries in
      entries[stream].flatMap { $0.foldHash == aggregate.foldHash ? $0.entry : nil }
    }
  }

  /// Remembers the state of a thing.
  func keep(_ entry: Entry, of stream: StreamName, _ aggregate: Aggregate) {
    entries.withLock { entries in
      if entries.count >= Self.capacity { entries = [:] }
      entries[stream] = (aggregate.foldHash, entry)
    }
  }

  /// Forgets all.
  func forget() { entries.withLock { $0 = [:] } }
}
