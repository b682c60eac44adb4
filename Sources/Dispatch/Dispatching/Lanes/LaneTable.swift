// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Rules

/// The lanes of all listeners; a pure value.
struct LaneTable: Sendable {
  /// The credit of a listener that nothing is known of, such as one that is gone while its runs still wait.
  static let standardCredit = 8

  private var groups: [LaneGroup] = []
  private var places: [String: Int] = [:]
  /// The listener asked for last: the same one often comes many times in a row.
  private var last = 0
  private var credits: [String: Int] = [:]
  private var rates: [String: RateDefinition] = [:]
  /// Whether runs are handed out; not any more once the host is stopping.
  var isHandingOut = true
  /// Whether runs are handed out by somebody else, one by one.
  var isIsolating = false

  /// Says how many runs each listener may have under way.
  mutating func setCredits(_ credits: [String: Int]) {
    self.credits = credits
    for place in groups.indices {
      groups[place].credit = credits[groups[place].listener] ?? Self.standardCredit
    }
  }

  /// Says how many attempts of each listener may begin in some time.
  mutating func setRates(_ rates: [String: RateDefinition]) {
    self.rates = rates
    for place in groups.indices { groups[place].setRate(rates[groups[place].listener]) }
  }

  /// Notes that the log holds waiting runs of a lane.
  mutating func expectWork(of lane: LaneName) { groups[place(of: lane.listener)].expectWork(of: lane.rule) }

  /// Says how many runs of a lane may be handed out until further notice; nil for any number.
  mutating func allow(_ count: Int?, in lane: LaneName) {
    groups[place(of: lane.listener)].allow(count, of: lane.rule)
  }

  /// Reserves credit inside a transaction; false when the run has to wait.
  mutating func reserve(_ listener: String, _ rule: String, at now: Timestamp) -> Bool {
    isHandingOut && !isIsolating && groups[place(of: listener)].reserve(rule, at: now)
  }

  /// Takes credit for a run that begins whether there is any or not, and does not wait any more.
  mutating func take(_ run: RunID, of lane: LaneName) {
    groups[place(of: lane.listener)].take(run, of: lane.rule)
  }

  /// What a transaction reserved has become runs under way.
  mutating func commit() { for place in groups.indices { groups[place].commit() } }

  /// What a transaction reserved is free again.
  mutating func rollBack() { for place in groups.indices { groups[place].rollBack() } }

  /// Gives the credit of a run that has ended back.
  mutating func release(_ listener: String) { groups[place(of: listener)].release() }

  /// Gives the credit of a claimed run back that does not begin after all.
  mutating func putBack(_ lane: LaneName) { groups[place(of: lane.listener)].putBack(lane.rule) }

  /// Notes a run that waits in a lane; false when it is left to the log.
  @discardableResult
  mutating func add(_ run: RunID, to lane: LaneName) -> Bool { add(run, of: lane.rule, for: lane.listener) }

  /// The same.
  mutating func add(_ run: RunID, of rule: String, for listener: String) -> Bool {
    groups[place(of: listener)].add(run, of: rule)
  }

  /// How many runs of a rule wait for a listener, as far as that is known here.
  mutating func waiting(of rule: String, for listener: String) -> Int {
    groups[place(of: listener)].waiting(of: rule)
  }

  /// The lanes whose windows run low, and after which run to read on in the log.
  mutating func beginRefills() -> [(lane: LaneName, after: RunID)] {
    groups.indices.flatMap { groups[$0].beginRefills() }
  }

  /// Takes what a read of the log has found; says which of it waits here now.
  mutating func refill(_ lane: LaneName, _ runs: [RunID], readTo end: RunID?) -> Set<RunID> {
    groups[place(of: lane.listener)].refill(lane.rule, runs, readTo: end)
  }

  /// Takes runs for which there is credit, and reserves it.
  mutating func claim(at now: Timestamp) -> [Claim] {
    guard isHandingOut, !isIsolating else { return [] }
    return groups.indices.flatMap { groups[$0].claim(at: now) }
  }

  /// Notes that the attempts of claimed runs have been committed.
  mutating func begun(_ claim: Claim) {
    groups[place(of: claim.lane.listener)].begun(claim.runs, of: claim.lane.rule)
  }

  /// Whether `claim` or a refill would find something.
  func hasWork(at now: Timestamp) -> Bool {
    isHandingOut && !isIsolating && groups.contains { $0.hasWork(at: now) }
  }

  /// When runs that wait may begin, if it is a rate that holds them up.
  func nextStart(after now: Timestamp) -> Timestamp? { groups.compactMap { $0.nextStart(after: now) }.min() }

  private mutating func place(of listener: String) -> Int {
    if last < groups.count, groups[last].listener == listener { return last }
    if let known = places[listener] {
      last = known
    } else {
      last = groups.count
      places[listener] = last
      var group = LaneGroup(listener: listener, credit: credits[listener] ?? Self.standardCredit)
      group.setRate(rates[listener])
      groups.append(group)
    }
    return last
  }
}
