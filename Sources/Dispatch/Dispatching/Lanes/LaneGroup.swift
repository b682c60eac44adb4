// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Rules

/// The work of one listener: its free credit, and a lane for each rule whose runs wait for it.
///
/// Free credit is shared out among the lanes in turn, so that a rule with many waiting runs does not hold up the others.
/// A pure value.
struct LaneGroup: Sendable {
  let listener: String
  /// How many runs may be under way at once.
  var credit: Int
  private(set) var underWay = 0
  /// Credit that the transaction under way has reserved.
  private var reserved = 0
  private var rate: RateLimit?
  private var lanes: [Lane] = []
  private var rules: [String] = []
  private var places: [String: Int] = [:]
  /// The lane asked for last: the same one often comes many times in a row.
  private var last = 0
  /// The lane whose turn it is.
  private var turn = 0

  init(listener: String, credit: Int) {
    self.listener = listener
    self.credit = credit
  }

  private func isFree(_ now: Timestamp) -> Bool {
    underWay < credit && rate?.nextStart(after: now) == nil
  }

  /// Says how many attempts may begin in some time; nil for any number.
  mutating func setRate(_ limit: RateDefinition?) {
    guard rate?.limit != limit else { return }
    rate = limit.map(RateLimit.init)
  }

  /// When runs that wait may begin, if it is the rate that holds them up.
  func nextStart(after now: Timestamp) -> Timestamp? {
    guard let next = rate?.nextStart(after: now), lanes.contains(where: \.hasWork) else { return nil }
    return next
  }

  /// Notes that the log holds waiting runs of a rule.
  mutating func expectWork(of rule: String) { lanes[place(of: rule)] = Lane() }

  /// Says how many runs of a rule may be handed out until further notice; nil for any number.
  mutating func allow(_ count: Int?, of rule: String) { lanes[place(of: rule)].allowance = count }

  /// Reserves credit inside a transaction; false when a run of the rule has to wait.
  mutating func reserve(_ rule: String, at now: Timestamp) -> Bool {
    let place = place(of: rule)
    guard isFree(now), lanes[place].isOpen else { return false }
    underWay += 1
    rate?.note(now)
    reserved += 1
    return true
  }

  /// Takes credit for a run that begins whether there is any or not, and does not wait any more.
  mutating func take(_ run: RunID, of rule: String) {
    underWay += 1
    lanes[place(of: rule)].forget(run)
  }

  /// What a transaction reserved has become runs under way.
  mutating func commit() { reserved = 0 }

  /// What a transaction reserved is free again.
  mutating func rollBack() {
    underWay -= reserved
    rate?.undo(reserved)
    reserved = 0
  }

  /// Gives the credit of a run that has ended back.
  mutating func release() { underWay -= 1 }

  /// Gives the credit of a claimed run back that does not begin after all.
  mutating func putBack(_ rule: String) {
    release()
    lanes[place(of: rule)].putBack()
  }

  /// Notes a run that waits; false when it is left to the log.
  mutating func add(_ run: RunID, of rule: String) -> Bool { lanes[place(of: rule)].add(run) }

  /// How many runs of a rule wait, as far as that is known here.
  mutating func waiting(of rule: String) -> Int { lanes[place(of: rule)].waiting }

  /// The rules whose windows run low, and after which run to read on in the log.
  mutating func beginRefills() -> [(lane: LaneName, after: RunID)] {
    lanes.indices.compactMap { place in
      lanes[place].beginRefill().map { (LaneName(listener: listener, rule: rules[place]), $0) }
    }
  }

  /// Takes what a read of the log has found; says which of it waits here now.
  mutating func refill(_ rule: String, _ runs: [RunID], readTo end: RunID?) -> Set<RunID> {
    lanes[place(of: rule)].refill(runs, readTo: end)
  }

  /// Takes runs for which there is credit, of each lane in turn, and reserves it.
  mutating func claim(at now: Timestamp) -> [Claim] {
    var claimed: [Int: [RunID]] = [:]
    var isIdle = 0
    while isFree(now), isIdle < lanes.count {
      turn = turn < lanes.count ? turn : 0
      if let run = lanes[turn].claim() {
        claimed[turn, default: []].append(run)
        rate?.note(now)
        underWay += 1
        isIdle = 0
      } else {
        isIdle += 1
      }
      turn += 1
    }
    return claimed.sorted { $0.key < $1.key }.map { place, runs in
      Claim(lane: LaneName(listener: listener, rule: rules[place]), runs: runs)
    }
  }

  /// Notes that the attempts of claimed runs have been committed.
  mutating func begun(_ runs: [RunID], of rule: String) { lanes[place(of: rule)].begun(runs) }

  /// Whether `claim` or a refill would find something.
  func hasWork(at now: Timestamp) -> Bool { isFree(now) && lanes.contains(where: \.hasWork) }

  private mutating func place(of rule: String) -> Int {
    if last < rules.count, rules[last] == rule { return last }
    if let known = places[rule] {
      last = known
    } else {
      last = rules.count
      places[rule] = last
      rules.append(rule)
      lanes.append(Lane(cursor: nil))
    }
    return last
  }
}

/// Runs that have been taken out of their lane, and whose credit is reserved.
struct Claim: Sendable {
  let lane: LaneName
  let runs: [RunID]
}
