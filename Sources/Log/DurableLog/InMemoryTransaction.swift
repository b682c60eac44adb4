// SPDX-License-Identifier: Apache-2.0

import EventModel
import EventSources

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

  func cancelRuns(gate: [UInt8], entry: (Run) -> HistoryEntry?) throws {
    for run in openRuns(gate: gate, limit: .max) { try cancel(run.id, entry(run)) }
    runs += try store.admitNextIfFree(to: gate)
  }

  private func cancel(_ run: RunID, _ entry: HistoryEntry?) throws {
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

  func extend(_ stream: StreamName, with position: LogPosition) -> Int64 {
    store.streams[stream, default: []].append(position)
    return Int64(store.streams[stream]?.count ?? 0)
  }

  func events(of stream: StreamName, after version: Int64, limit: Int) -> EventPage {
    store.page(of: stream, after: version, limit: limit)
  }

  func forgetStreams(of owner: String, limit: Int) -> Bool { store.forgetStreams(of: owner, limit: limit) }

  func event(at position: LogPosition) throws -> [UInt8] {
    guard let event = store.event(at: position) else {
      throw LogFailure(.corrupt, "there is no event at position \(position)")
    }
    return event
  }
}
