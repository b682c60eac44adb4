// SPDX-License-Identifier: Apache-2.0

import DurableLog

/// The states of the things that were used last; a bounded number of them.
struct StateCache<Content> {
  fileprivate struct Entry {
    var cached: Content
    var used: UInt64
  }

  private let capacity: Int
  fileprivate var entries: [StreamName: Entry] = [:]
  private var uses: UInt64 = 0
  fileprivate var readings: UInt64 = 0

  init(capacity: Int) { self.capacity = capacity }

  /// The state of a stream's thing.
  subscript(_ stream: StreamName) -> Content? {
    mutating get {
      guard let entry = entries[stream] else { return nil }
      uses += 1
      entries[stream]?.used = uses
      return entry.cached
    }
    set {
      guard let newValue else { return }
      uses += 1
      entries[stream] = Entry(cached: newValue, used: uses)
      if entries.count > capacity { makeRoom() }
    }
  }

  /// Forgets all.
  mutating func removeAll() { entries = [:] }

  /// Forgets the older half.
  private mutating func makeRoom() {
    let middle = entries.values.map(\.used).sorted()[entries.count / 2]
    entries = entries.filter { $0.value.used > middle }
  }
}

extension StateCache<CachedState> {
  /// The number of another reading of a state from the log.
  mutating func nextReading() -> UInt64 {
    readings += 1
    return readings
  }

  /// Forgets a state, unless it has been read anew since.
  mutating func forget(_ stream: StreamName, reading: UInt64?) {
    if entries[stream]?.cached.reading == reading { entries[stream] = nil }
  }
}
