// SPDX-License-Identifier: Apache-2.0

import EventModel
import EventSources

/// What a log in memory holds.
struct InMemoryStore {
  var events = EventPage()
  var identities: [[UInt8]: LogPosition] = [:]
  var runs: [Run] = []
  var history: [RunID: [HistoryEntry]] = [:]
  /// What waiting runs wait for.
  var awaits: [RunID: AwaitedEvent] = [:]
  var checkpoints: [String: [[UInt8]: [UInt8]]] = [:]
  var windows: [Int64: StoredWindow] = [:]
  var windowIDs: [WindowName: Int64] = [:]
  var lastWindow: Int64 = 0
  /// The oldest events that windows need.
  var oldest: [Int64: LogPosition] = [:]
  var decisions: [Decision] = []
  /// Up to where events have been looked at that were to be forgotten.
  var origin: Int64 = 0
  var forgotten: Set<LogPosition> = []
  var forgottenRuns: Set<RunID> = []
  /// The civil time of the change under way.
  var now = Timestamp(seconds: 0)

  /// By what a window is known to its owner.
  struct WindowName: Hashable {
    let owner: String
    let key: [UInt8]
  }

  /// The index of a run; nil when there is none of that number.
  func index(of run: RunID) -> Int? {
    let index = Int(run.rawValue) - 1
    return runs.indices.contains(index) && !forgottenRuns.contains(run) ? index : nil
  }

  /// The runs that are not forgotten.
  var knownRuns: [Run] {
    forgottenRuns.isEmpty ? runs : runs.filter { !forgottenRuns.contains($0.id) }
  }

  /// An event as the world sees it; nil when there is none at that position.
  func event(at position: LogPosition) -> [UInt8]? {
    let index = Int(position.rawValue) - 1
    guard events.entries.indices.contains(index), !forgotten.contains(position) else { return nil }
    var event: [UInt8] = []
    events.appendStamped(index, to: &event)
    return event
  }

  /// Events from a position on.
  func page(from position: LogPosition, limit: Int) -> EventPage {
    var page = EventPage()
    let first = max(0, Int(position.rawValue) - 1)
    for index in events.entries.indices.dropFirst(first) where page.entries.count < limit {
      let entry = events.entries[index]
      if forgotten.contains(entry.position) { continue }
      page.append(position: entry.position, recorded: entry.recorded, json: events.json(index))
    }
    return page
  }

  /// Events of a type from a position on.
  func page(ofType type: String, from position: LogPosition, limit: Int) -> EventPage {
    let all = page(from: position, limit: .max)
    var page = EventPage()
    for index in all.entries.indices where page.entries.count < limit {
      let json = all.json(index)
      guard (try? JSONDocument(Array(json)))?.root["type"]?.string == type else { continue }
      let entry = all.entries[index]
      page.append(position: entry.position, recorded: entry.recorded, json: json)
    }
    return page
  }

  /// Makes a run under the next number.
  mutating func add(_ new: NewRun) -> Run {
    let run = new.run(RunID(rawValue: Int64(runs.count) + 1), at: now)
    runs.append(run)
    return run
  }

  /// Makes the branches for which a run begins to wait, and gives those that are pending.
  mutating func fork(_ fork: Fork, of run: RunID) throws -> Consequences {
    // What was cancelled meanwhile is not held.
    guard let index = index(of: run), runs[index].state == .waiting else { return Consequences() }
    var consequences = Consequences()
    for change in fork.changes {
      guard let further = try follow(change), let index = self.index(of: change.run) else { continue }
      consequences.add(further)
      if runs[index].state == .pending { consequences.released.append(runs[index]) }
    }
    for new in fork.branches {
      let made = add(new)
      guard made.state == .pending else { continue }
      if let turn = made.turn, isTaken(turn: turn, besides: made.id) {
        set(.behind, of: made.id)
      } else {
        consequences.released.append(made)
      }
    }
    consequences.add(try beginJoin(of: run, needed: fork.needed))
    return consequences
  }

  /// Appends events and says what became of each.
  mutating func append(_ batch: EventBatch, at recorded: Timestamp) -> [AppendOutcome] {
    batch.entries.map { entry in
      let identity = Array(batch.bytes[entry.source] + [0] + batch.bytes[entry.id])
      if let position = identities[identity] { return .duplicate(position) }
      let position = LogPosition(rawValue: Int64(events.entries.count) + 1)
      identities[identity] = position
      events.append(position: position, recorded: recorded, json: batch.bytes[entry.json])
      return .appended(position)
    }
  }

  /// The windows that a wish is about.
  func windows(for wish: WindowWish, at now: Timestamp) -> [StoredWindow] {
    switch wish {
    case .closeDue(let limit):
      Array(
        windows.values.filter { $0.due <= now }.sorted { ($0.due, $0.id) < ($1.due, $1.id) }.prefix(limit)
      )
    case .open: []
    case .fire(let id), .extend(let id, _), .cancel(let id), .advance(let id, _):
      windows[id].map { [$0] } ?? []
    case .review(let owner): windows.values.filter { $0.owner == owner }.sorted { $0.id < $1.id }
    case .forget(let owner, let limit):
      Array(windows.values.filter { $0.owner == owner }.sorted { $0.id < $1.id }.prefix(limit))
    }
  }
}

extension InMemoryStore: Branching {
  func join(of run: RunID) -> BranchJoin? { index(of: run).flatMap { runs[$0].join } }

  mutating func set(_ join: BranchJoin, of run: RunID) {
    if let index = index(of: run) { runs[index].join = join }
  }

  func openBranches(of run: RunID) -> [RunID] {
    runs.reversed().filter { $0.branch?.parent == run && $0.state.isUnderWay }.map(\.id)
  }

  mutating func follow(_ change: RunChange) throws -> Consequences? {
    guard let index = index(of: change.run), let changed = runs[index].applying(change, at: now) else {
      return nil
    }
    let before = runs[index]
    runs[index] = changed
    if changed.state != .waiting { awaits[changed.id] = nil }
    var consequences = Consequences(released: try succeed(before, changed))
    if change.lets(before, goOnAs: changed) { consequences.released.append(changed) }
    if case .cancel = change, changed.isToEnd { consequences.cancelled.append(changed) }
    consequences.add(try branch(change, before, changed))
    return consequences
  }
}

extension InMemoryStore: Succession {
  func isHeld(gate: [UInt8], besides run: RunID) -> Bool {
    runs.contains { $0.gate == gate && $0.state.holdsGate && $0.id != run }
  }

  func isTaken(turn: [UInt8], besides run: RunID) -> Bool {
    runs.contains { $0.turn == turn && $0.state.holdsTurn && $0.id != run }
  }

  func firstQueued(gate: [UInt8]) -> Run? { runs.first { $0.gate == gate && $0.state == .queued } }

  func firstBehind(turn: [UInt8]) -> Run? { runs.first { $0.turn == turn && $0.state == .behind } }

  mutating func set(_ state: RunState, of run: RunID) {
    if let index = index(of: run) { runs[index].state = state }
  }
}

/// A transaction on a log in memory, which always succeeds.
final class InMemoryTransaction {
  var store: InMemoryStore
  private let time: SteadyClock.Reading
  /// What the commit tells of.
  private(set) var runs: [Run] = []
  private(set) var cancelled: [Run] = []
  private(set) var due: Timestamp?

  /// Takes the store over, until it is given back.
  init(_ store: consuming InMemoryStore, at time: SteadyClock.Reading) {
    self.store = store
    self.time = time
    self.store.now = time.civil
  }

  /// Whether there is anything for a commit to tell of.
  var hasNews: Bool { !runs.isEmpty || !cancelled.isEmpty || due != nil }

  /// What was done since the last call, for the commit.
  func commit(_ events: EventBatch, _ outcomes: [AppendOutcome]) -> Commit {
    defer { (runs, cancelled, due) = ([], [], nil) }
    return Commit(
      events: events,
      outcomes: outcomes,
      recorded: time.civil,
      runs: runs,
      cancelled: cancelled,
      due: due
    )
  }

  private func noteDue(_ new: Timestamp) { due = min(due ?? new, new) }
}

extension InMemoryTransaction: RoutingTransaction {
  func makeRun(_ new: NewRun) -> Run {
    let run = store.add(new)
    runs.append(run)
    for position in run.inputs { note(Decision(.joined, of: position, rule: run.rule, run: run.id)) }
    return run
  }

  func openRuns(gate: [UInt8], limit: Int) -> [Run] {
    Array(store.runs.lazy.filter { $0.gate == gate && $0.state.isOpen }.prefix(limit))
  }

  func isTaken(turn: [UInt8]) -> Bool { store.isTaken(turn: turn, besides: .start) }

  func cancel(_ run: RunID, _ entry: HistoryEntry?) throws {
    guard let index = store.index(of: run),
      let changed = store.runs[index].applying(.cancel(run), at: time.civil)
    else { return }
    let before = store.runs[index]
    store.runs[index] = changed
    store.awaits[run] = nil
    if let entry { store.history[run, default: []].append(entry) }
    if changed.isToEnd { cancelled.append(changed) }
    if RunChange.cancel(run).lets(before, goOnAs: changed) { runs.append(changed) }
    runs += try store.leaveTurn(before, changed)
    let consequences = try store.branch(.cancel(run), before, changed)
    runs += consequences.released
    cancelled += consequences.cancelled
  }

  func runs(awaiting site: String, key: [UInt8]) -> [Run] {
    store.awaits.filter { $0.value.site == site && $0.value.key == key }.keys.sorted()
      .compactMap { store.index(of: $0).map { store.runs[$0] } }
  }

  func fulfil(_ run: RunID, outputs: [UInt8]) throws {
    guard try store.follow(.fulfil(run, outputs: outputs)) != nil, let index = store.index(of: run)
    else { return }
    runs.append(store.runs[index])
  }

  func window(of owner: String, key: [UInt8]) -> StoredWindow? {
    store.windowIDs[.init(owner: owner, key: key)].flatMap { store.windows[$0] }
  }

  func windows(of owner: String) -> [StoredWindow] {
    store.windows.values.filter { $0.owner == owner }.sorted { $0.id < $1.id }
  }

  func events(from position: LogPosition, limit: Int) -> EventPage {
    store.page(from: position, limit: limit)
  }

  func events(ofType type: String, from position: LogPosition, limit: Int) -> EventPage {
    store.page(ofType: type, from: position, limit: limit)
  }

  func open(owner: String, key: [UInt8], due: Timestamp, content: [UInt8], oldest: LogPosition?) {
    store.lastWindow += 1
    store.oldest[store.lastWindow] = oldest
    let window = StoredWindow(id: store.lastWindow, owner: owner, key: key, due: due, content: content)
    store.windows[window.id] = window
    store.windowIDs[.init(owner: owner, key: key)] = window.id
    noteDue(due)
  }

  func update(_ window: StoredWindow, due: Timestamp?, content: [UInt8], oldest: LogPosition?) {
    store.oldest[window.id] = oldest
    store.windows[window.id]?.content = content
    guard let due else { return }
    store.windows[window.id]?.due = due
    noteDue(due)
  }

  func remove(_ window: StoredWindow) {
    store.windows[window.id] = nil
    store.oldest[window.id] = nil
    store.windowIDs[.init(owner: window.owner, key: window.key)] = nil
  }

  func note(_ decision: Decision) { store.decisions.append(decision) }

  func event(at position: LogPosition) throws -> [UInt8] {
    guard let event = store.event(at: position) else {
      throw LogFailure(.corrupt, "there is no event at position \(position)")
    }
    return event
  }
}
