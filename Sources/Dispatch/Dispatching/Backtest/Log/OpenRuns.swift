// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel

/// The runs of a backtest that are not over, and those that belong to them.
///
/// Their numbers need not ascend, so the order in which they were made is kept apart.
struct OpenRuns {
  /// What stands for a run on both sides, and what is known of it besides.
  struct Facts {
    /// What stands for it.
    let name: Fingerprint
    /// The run whose branch it is, or that it is itself.
    let root: RunID
    /// The recorded run that is the same.
    var recorded: RunID?
    /// How many events of each type it has emitted; at the root, with its branches.
    var emitted: [Fingerprint: Int] = [:]
    var emittedByAll: [Fingerprint: Int] = [:]
  }

  private struct Held {
    var run: Run
    var facts: Facts
    let order: Int
  }

  private var held: [RunID: Held] = [:]
  private var gates: [[UInt8]: [RunID]] = [:]
  private var turns: [[UInt8]: [RunID]] = [:]
  private var branches: [RunID: [RunID]] = [:]
  private var queue = DueQueue()
  private var made = 0
  private var awaits: [RunID: AwaitedEvent] = [:]
  private var waiting: [String: [[UInt8]: [RunID]]] = [:]
  /// Runs that have ended since that was asked last and are no branches.
  private var ended: [RunID] = []
  /// The civil time of the change under way.
  var now = Timestamp(seconds: 0)

  var count: Int { held.count }
  /// All of them, in the order in which they were made.
  var all: [Run] { held.values.sorted { $0.order < $1.order }.map(\.run) }
  /// The same without an order.
  var unordered: some Sequence<Run> { held.values.lazy.map(\.run) }

  subscript(id: RunID) -> Run? { held[id]?.run }

  /// What is known of a run.
  func facts(_ id: RunID) -> Facts? { held[id]?.facts }

  /// Counts an event of a type that a run emits; gives how many there were of it, and of the root with all branches.
  mutating func countEmitted(by id: RunID, _ type: Fingerprint) -> (own: Int, all: Int) {
    guard let root = held[id]?.facts.root else { return (0, 0) }
    let own = held[id]?.facts.emitted[type] ?? 0
    let all = held[root]?.facts.emittedByAll[type] ?? 0
    held[id]?.facts.emitted[type] = own + 1
    held[root]?.facts.emittedByAll[type] = all + 1
    return (own, all)
  }

  /// Makes a run under a number.
  mutating func add(_ new: NewRun, as id: RunID, _ facts: Facts) -> Run {
    let run = new.run(id, at: now)
    made += 1
    held[id] = Held(run: run, facts: facts, order: made)
    if let parent = run.branch?.parent { branches[parent, default: []].append(id) }
    enter(run)
    if !run.state.isOpen, run.branch == nil { ended.append(id) }
    return run
  }

  /// Puts a run in the place of what it was before.
  mutating func put(_ run: Run) {
    guard let before = held[run.id]?.run else { return }
    held[run.id]?.run = run
    if before.gate != run.gate || before.turn != run.turn || before.state.isOpen != run.state.isOpen {
      leave(before)
      enter(run)
    }
    if run.state != .waiting { stopWaiting(run.id) }
    if let due = run.due, run.state == .waiting {
      queue.note(run.id.rawValue, due: due)
      let held = held
      queue.tidy(besides: held.count) { Self.isDue(held[RunID(rawValue: $0)]?.run, $1) }
    }
    if before.state.isOpen, !run.state.isOpen, run.branch == nil { ended.append(run.id) }
  }

  private mutating func enter(_ run: Run) {
    guard run.state.isOpen else { return }
    if let gate = run.gate { gates[gate, default: []].append(run.id) }
    if let turn = run.turn { turns[turn, default: []].append(run.id) }
  }

  private mutating func leave(_ run: Run) {
    if let gate = run.gate { Self.remove(run.id, from: &gates[gate]) }
    if let turn = run.turn { Self.remove(run.id, from: &turns[turn]) }
  }

  private static func remove(_ run: RunID, from list: inout [RunID]?) {
    guard let index = list?.firstIndex(of: run) else { return }
    list?.remove(at: index)
    if list?.isEmpty == true { list = nil }
  }

  /// Forgets the runs that have ended since the last call, with their branches, and gives them.
  mutating func takeEnded() -> [Run] {
    guard !ended.isEmpty else { return [] }
    defer { ended.removeAll(keepingCapacity: true) }
    return ended.compactMap { id in
      guard let run = held[id]?.run, !run.state.isOpen else { return nil }
      forget(id)
      return run
    }
  }

  private mutating func forget(_ id: RunID) {
    for branch in branches.removeValue(forKey: id) ?? [] { forget(branch) }
    stopWaiting(id)
    if let run = held.removeValue(forKey: id)?.run { leave(run) }
  }

  /// The open runs of a gate in the order in which they came.
  func open(gate: [UInt8], limit: Int) -> [Run] {
    (gates[gate] ?? []).prefix(limit).compactMap { self[$0] }
  }

  /// The branches of one fork of a run behind a place.
  func branches(of run: RunID, fork: Int, after place: Int) -> [Run] {
    let all = (branches[run] ?? []).compactMap { self[$0] }
    return all.filter { $0.branch?.fork == fork && $0.branch?.place ?? -1 > place }
      .sorted { $0.branch?.place ?? 0 < $1.branch?.place ?? 0 }
  }

  /// When the next waiting run is due.
  mutating func nextDue() -> Timestamp? {
    let held = held
    return queue.next { Self.isDue(held[RunID(rawValue: $0)]?.run, $1) }
  }

  /// The waiting runs that are due.
  mutating func due(at instant: Timestamp, limit: Int) -> [Run] {
    let held = held
    return queue.due(at: instant, limit: limit) { Self.isDue(held[RunID(rawValue: $0)]?.run, $1) }
      .compactMap { held[RunID(rawValue: $0)]?.run }
  }

  private static func isDue(_ run: Run?, _ due: Timestamp) -> Bool {
    run?.state == .waiting && run?.due == due
  }
}

/// Waiting for events.
extension OpenRuns {
  /// Has a run wait for an event.
  mutating func wait(_ run: RunID, for event: AwaitedEvent) {
    stopWaiting(run)
    awaits[run] = event
    waiting[event.site, default: [:]][event.key, default: []].append(run)
  }

  private mutating func stopWaiting(_ run: RunID) {
    guard let event = awaits.removeValue(forKey: run) else { return }
    Self.remove(run, from: &waiting[event.site, default: [:]][event.key])
  }

  /// What a run waits for.
  func awaited(by run: RunID) -> AwaitedEvent? { awaits[run] }

  /// The runs that wait at a site under a key.
  func runs(awaiting site: String, key: [UInt8]) -> [Run] {
    (waiting[site]?[key] ?? []).compactMap { self[$0] }
  }

  /// All sites at which runs wait.
  var sites: Set<AwaitedSite> {
    Set(
      awaits.compactMap { id, event in
        self[id].map { AwaitedSite(site: event.site, rule: $0.rule, revision: $0.revision) }
      }
    )
  }
}

extension OpenRuns: Succession {
  func isHeld(gate: [UInt8], besides run: RunID) -> Bool {
    gates[gate]?.contains { $0 != run && self[$0]?.state.holdsGate == true } ?? false
  }

  func isTaken(turn: [UInt8], besides run: RunID) -> Bool {
    turns[turn]?.contains { $0 != run && self[$0]?.state.holdsTurn == true } ?? false
  }

  func firstQueued(gate: [UInt8]) -> Run? {
    gates[gate]?.lazy.compactMap { self[$0] }.first { $0.state == .queued }
  }

  func firstBehind(turn: [UInt8]) -> Run? {
    turns[turn]?.lazy.compactMap { self[$0] }.first { $0.state == .behind }
  }

  mutating func set(_ state: RunState, of run: RunID) {
    guard var changed = self[run] else { return }
    changed.state = state
    put(changed)
  }
}

extension OpenRuns: Branching {
  func join(of run: RunID) -> BranchJoin? { self[run]?.join }

  mutating func set(_ join: BranchJoin, of run: RunID) { held[run]?.run.join = join }

  func openBranches(of run: RunID) -> [RunID] {
    (branches[run] ?? []).reversed().filter { self[$0]?.state.isUnderWay == true }
  }

  mutating func follow(_ change: RunChange) throws -> Consequences? {
    guard let before = self[change.run], let changed = before.applying(change, at: now) else { return nil }
    put(changed)
    var consequences = Consequences(released: try succeed(before, changed))
    if change.lets(before, goOnAs: changed) { consequences.released.append(changed) }
    if case .cancel = change, changed.isToEnd { consequences.cancelled.append(changed) }
    consequences.add(try branch(change, before, changed))
    return consequences
  }
}
