// SPDX-License-Identifier: Apache-2.0

import DurableLog

/// The lanes of all listeners; a pure value.
struct LaneTable: Sendable {
  /// The credit of a listener that nothing is known of, such as one that is gone while its runs still wait.
  static let standardCredit = 8

  private struct Entry: Sendable {
    let listener: String
    var lane: Lane
    /// Credit that the transaction under way has reserved.
    var reserved = 0
  }

  private var entries: [Entry] = []
  private var places: [String: Int] = [:]
  /// The listener asked for last: the same one often comes many times in a row.
  private var last = 0
  private var credits: [String: Int] = [:]
  /// Whether runs are handed out; not any more once the host is stopping.
  var isHandingOut = true
  /// Whether runs are handed out by somebody else, one by one.
  var isIsolating = false

  /// Says how many runs each listener may have under way.
  mutating func setCredits(_ credits: [String: Int]) {
    self.credits = credits
    for place in entries.indices {
      entries[place].lane.credit = credits[entries[place].listener] ?? Self.standardCredit
    }
  }

  /// Notes that the log holds waiting runs of a listener.
  mutating func expectWork(of listener: String) {
    let place = place(of: listener)
    entries[place].lane = Lane(credit: entries[place].lane.credit)
  }

  /// Reserves credit inside a transaction; false when the run has to wait.
  mutating func reserve(_ listener: String) -> Bool {
    let place = place(of: listener)
    guard isHandingOut, !isIsolating, entries[place].lane.isFree else { return false }
    entries[place].lane.reserve()
    entries[place].reserved += 1
    return true
  }

  /// Takes credit for a run that begins whether there is any or not.
  mutating func take(_ listener: String) { entries[place(of: listener)].lane.reserve() }

  /// What a transaction reserved has become runs under way.
  mutating func commit() {
    for place in entries.indices { entries[place].reserved = 0 }
  }

  /// What a transaction reserved is free again.
  mutating func rollBack() {
    for place in entries.indices {
      for _ in 0..<entries[place].reserved { entries[place].lane.release() }
      entries[place].reserved = 0
    }
  }

  /// Gives the credit of a run that has ended back.
  mutating func release(_ listener: String) { entries[place(of: listener)].lane.release() }

  /// Notes a run that waits for its listener; false when it is left to the log.
  @discardableResult
  mutating func add(_ run: RunID, for listener: String) -> Bool {
    entries[place(of: listener)].lane.add(run)
  }

  /// The listeners whose windows run low, and after which run to read on in the log.
  mutating func beginRefills() -> [(listener: String, after: RunID)] {
    entries.indices.compactMap { place in
      entries[place].lane.beginRefill().map { (entries[place].listener, $0) }
    }
  }

  /// Takes what a read of the log has found; says which of it waits here now.
  mutating func refill(_ listener: String, _ runs: [RunID], readTo end: RunID?) -> Set<RunID> {
    entries[place(of: listener)].lane.refill(runs, readTo: end)
  }

  /// Takes all runs for which there is credit, and reserves it.
  mutating func claim() -> [(listener: String, runs: [RunID])] {
    guard isHandingOut, !isIsolating else { return [] }
    return entries.indices.compactMap { place in
      let runs = entries[place].lane.claim()
      return runs.isEmpty ? nil : (entries[place].listener, runs)
    }
  }

  /// Notes that the attempts of claimed runs have been committed.
  mutating func begun(_ runs: [RunID], of listener: String) { entries[place(of: listener)].lane.begun(runs) }

  /// Whether `claim` or a refill would find something.
  var hasWork: Bool {
    isHandingOut && !isIsolating
      && entries.contains { entry in
        entry.lane.underWay < entry.lane.credit && (entry.lane.waiting > 0 || entry.lane.cursor != nil)
      }
  }

  private mutating func place(of listener: String) -> Int {
    if last < entries.count, entries[last].listener == listener { return last }
    if let known = places[listener] {
      last = known
    } else {
      last = entries.count
      places[listener] = last
      let credit = credits[listener] ?? Self.standardCredit
      entries.append(Entry(listener: listener, lane: Lane(credit: credit, cursor: nil)))
    }
    return last
  }
}
