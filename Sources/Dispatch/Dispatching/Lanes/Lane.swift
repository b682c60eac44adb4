// SPDX-License-Identifier: Apache-2.0

import DequeModule
import DurableLog

/// The runs of one rule that wait for one listener.
///
/// A bounded window of waiting runs is kept in memory; what does not fit stays in the log, behind a cursor from which
/// it is read again when the window runs low. Runs are handed out in the order in which they came. A pure value.
struct Lane: Sendable {
  /// How many waiting runs are kept in memory at most.
  static let windowLimit = 4096

  /// How many runs may be taken out before somebody says otherwise; nil for any number.
  var allowance: Int?
  private var window: Deque<RunID> = []
  /// The runs of the window and those that were claimed and may still look as if they waited in the log.
  private var known: Set<RunID> = []
  /// Every run after this one may be waiting in the log without being known here; nil when all are known.
  private(set) var cursor: RunID?
  /// The place before the first run that was left to the log since the read for a refill began.
  private var leftSinceRead: RunID?

  /// Makes a lane that has to look for waiting runs in the log, as at the start of a host.
  init(cursor: RunID? = .start) { self.cursor = cursor }

  /// Whether nothing waits, so that a run may begin at once without overtaking another one.
  var isEmpty: Bool { window.isEmpty && cursor == nil }

  /// Whether a run may begin at once.
  var isOpen: Bool { isEmpty && allowance == nil }

  /// Whether the window runs low while there is more in the log.
  var wantsRefill: Bool { cursor != nil && window.count < Self.windowLimit / 2 }

  /// How many runs wait in memory.
  var waiting: Int { window.count }

  /// Notes a run that waits; false for one that does not fit and is left to the log.
  @discardableResult
  mutating func add(_ run: RunID) -> Bool {
    if let cursor, run > cursor {
      let before = RunID(rawValue: run.rawValue - 1)
      leftSinceRead = leftSinceRead.map { min($0, before) } ?? before
      return false
    }
    guard !known.contains(run) else { return false }
    guard window.count < Self.windowLimit else {
      let before = RunID(rawValue: run.rawValue - 1)
      cursor = cursor.map { min($0, before) } ?? before
      return false
    }
    known.insert(run)
    window.append(run)
    return true
  }

  /// Where a read of the log for a refill begins; nil when nothing is to be read.
  ///
  /// What is added between this and `refill` may have come too late for the read, and is not forgotten.
  mutating func beginRefill() -> RunID? {
    guard wantsRefill else { return nil }
    leftSinceRead = nil
    return cursor
  }

  /// Takes what a read of the log after the cursor found: waiting runs of this lane, and how far the read went.
  ///
  /// `end` is nil when the read reached the end of the log. Says which of the runs wait here now.
  @discardableResult
  mutating func refill(_ runs: [RunID], readTo end: RunID?) -> Set<RunID> {
    cursor = nil
    var added: Set<RunID> = []
    for run in runs where add(run) { added.insert(run) }
    // What did not fit has moved the cursor already; it must not be skipped.
    if cursor == nil { cursor = end ?? leftSinceRead }
    return added
  }

  /// Takes the run that has waited for longest out of the window.
  ///
  /// It must be given to `begun` once the log knows that it does not wait any more.
  mutating func claim() -> RunID? {
    guard allowance != 0, let run = window.popFirst() else { return nil }
    allowance = allowance.map { $0 - 1 }
    return run
  }

  /// Notes that a run which was taken out does not begin after all: another one may be taken out instead.
  mutating func putBack() { allowance = allowance.map { $0 + 1 } }

  /// Forgets a run that waits here, since somebody else begins it.
  mutating func forget(_ run: RunID) {
    guard known.remove(run) != nil else { return }
    window.removeAll { $0 == run }
  }

  /// Whether `claim` or a refill would find something.
  var hasWork: Bool { allowance != 0 && !isEmpty }

  /// Notes that the attempts of claimed runs have been committed.
  mutating func begun(_ runs: [RunID]) { known.subtract(runs) }
}
