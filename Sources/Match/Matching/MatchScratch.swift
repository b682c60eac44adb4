// SPDX-License-Identifier: Apache-2.0

/// What matching one event after another needs, and what it has found for the last one.
///
/// Keeps its storage, so that in a steady state matching allocates nothing. Serves one matcher and one thread at a
/// time.
public struct MatchScratch: Sendable {
  /// The indices of the patterns that the last event matches, ascending, each once.
  public var matched: [Int] { findings.matched }

  /// How many conjunctions were looked at for the last event.
  var looks: Int { findings.looks }

  var fields = EventFields()
  var findings = Findings()

  /// Makes an empty scratch.
  public init() {}

  /// Begins with another event.
  mutating func begin(conjunctions: Int) { findings.begin(conjunctions: conjunctions) }

  /// What has been found for an event so far.
  struct Findings: Sendable {
    private(set) var matched: [Int] = []
    private(set) var looks = 0
    /// For each conjunction the event for which it was looked at last.
    private var seen: [UInt32] = []
    private var event: UInt32 = 0

    mutating func begin(conjunctions: Int) {
      matched.removeAll(keepingCapacity: true)
      if seen.count != conjunctions || event == .max {
        seen = [UInt32](repeating: 0, count: conjunctions)
        event = 0
      }
      event += 1
      looks = 0
    }

    /// Whether a conjunction is looked at for the first time in this event.
    mutating func isFirstLook(_ conjunction: Int) -> Bool {
      if seen[conjunction] == event { return false }
      seen[conjunction] = event
      looks += 1
      return true
    }

    /// Notes a pattern that the event matches, perhaps not for the first time.
    mutating func add(_ pattern: Int) { matched.append(pattern) }

    /// Puts what was found in order.
    mutating func finish() {
      guard matched.count > 1 else { return }
      matched.sort()
      var kept = 1
      for index in 1..<matched.count where matched[index] != matched[kept - 1] {
        matched[kept] = matched[index]
        kept += 1
      }
      matched.removeLast(matched.count - kept)
    }
  }
}
