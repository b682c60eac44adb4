// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Synchronization

/// The states of things that conditions have looked up, so that not all of their events are folded again.
///
/// What was read in a transaction that was undone is forgotten. Bounded: when there are many, all are forgotten.
final class StateMemory: Sendable {
  struct Entry: Sendable {
    /// What the events have made; nil before the first one.
    var content: (any Sendable)?
    var version: Int64
    /// The last event that made it; nil when none has.
    var position: LogPosition?
  }

  private static let capacity = 4096
  private let entries = Mutex<[StreamName: (definition: String, entry: Entry)]>([:])

  /// The state of a stream's thing, if it was made by the same definition.
  func entry(of stream: StreamName, _ definition: String) -> Entry? {
    entries.withLock { entries in
      entries[stream].flatMap { $0.definition == definition ? $0.entry : nil }
    }
  }

  /// Remembers the state of a thing.
  func keep(_ entry: Entry, of stream: StreamName, _ definition: String) {
    entries.withLock { entries in
      if entries.count >= Self.capacity { entries = [:] }
      entries[stream] = (definition, entry)
    }
  }

  /// Forgets all.
  func forget() { entries.withLock { $0 = [:] } }
}
