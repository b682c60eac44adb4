// SPDX-License-Identifier: Apache-2.0

import DurableLog

/// The lanes of all listeners; a pure value.
struct LaneTable: Sendable {
  /// The credit of a listener that nothing is known of, such as one that is gone while its runs still wait.
  static let standardCredit = 8

  private var lanes: [String: Lane] = [:]
  private var credits: [String: Int] = [:]
  /// Credit that the transaction under way has reserved, by listener.
  private var reserved: [String: Int] = [:]
  /// Whether runs are handed out; not any more once the host is stopping.
  var isHandingOut = true

  /// Says how many runs each listener may have under way.
  mutating func setCredits(_ credits: [String: Int]) {
    self.credits = credits
    for name in lanes.keys { lanes[name]?.credit = credits[name] ?? Self.standardCredit }
  }

  /// Notes that the log holds waiting runs of a listener.
  mutating func expectWork(of listener: String) {
    lanes[listener] = Lane(credit: credits[listener] ?? Self.standardCredit)
  }

  /// Reserves credit inside a transaction; false when the run has to wait.
  mutating func reserve(_ listener: String) -> Bool {
    guard isHandingOut, lane(listener, \.isFree) else { return false }
    change(listener) { $0.reserve() }
    reserved[listener, default: 0] += 1
    return true
  }

  /// What a transaction reserved has become runs under way.
  mutating func commit() { reserved.removeAll(keepingCapacity: true) }

  /// What a transaction reserved is free again.
  mutating func rollBack() {
    for (listener, count) in reserved { for _ in 0..<count { release(listener) } }
    reserved.removeAll()
  }

  /// Gives the credit of a run that has ended back.
  mutating func release(_ listener: String) { change(listener) { $0.release() } }

  /// Notes a run that waits for its listener.
  mutating func add(_ run: RunID, for listener: String) { change(listener) { $0.add(run) } }

  /// The listeners whose windows run low, and after which run to read on in the log.
  mutating func beginRefills() -> [(listener: String, after: RunID)] {
    lanes.keys.compactMap { name in lanes[name]?.beginRefill().map { (name, $0) } }
  }

  /// Takes what a read of the log has found.
  mutating func refill(_ listener: String, _ runs: [RunID], readTo end: RunID?) {
    change(listener) { $0.refill(runs, readTo: end) }
  }

  /// Takes all runs for which there is credit, and reserves it.
  mutating func claim() -> [(listener: String, runs: [RunID])] {
    guard isHandingOut else { return [] }
    return lanes.keys.compactMap { name in
      guard let runs = lanes[name]?.claim(), !runs.isEmpty else { return nil }
      return (name, runs)
    }
  }

  /// Notes that the attempts of claimed runs have been committed.
  mutating func begun(_ runs: [RunID], of listener: String) { change(listener) { $0.begun(runs) } }

  /// Whether `claim` or a refill would find something.
  var hasWork: Bool {
    isHandingOut
      && lanes.values.contains { $0.underWay < $0.credit && ($0.waiting > 0 || $0.cursor != nil) }
  }

  private func lane<Value>(_ name: String, _ path: KeyPath<Lane, Value>) -> Value {
    (lanes[name] ?? Lane(credit: credits[name] ?? Self.standardCredit, cursor: nil))[keyPath: path]
  }

  private mutating func change(_ name: String, _ body: (inout Lane) -> Void) {
    body(&lanes[name, default: Lane(credit: credits[name] ?? Self.standardCredit, cursor: nil)])
  }
}
