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
  /// The events that were erased.
  var erased: Set<LogPosition> = []
  /// The events that came from another log.
  var imported: Set<LogPosition> = []
  var streams: [StreamName: [LogPosition]] = [:]
  /// What commands were answered, by their owners and ids.
  var answers: [String: [String: [UInt8]]] = [:]
  /// Up to where events have been looked at that were to be forgotten.
  var origin: Int64 = 0
  var forgotten: Set<LogPosition> = []
  /// What was looked at and kept for its type.
  var keptForType: Set<LogPosition> = []
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

  /// The last events before a position, of a type if it is given.
  func page(ofType type: String?, before position: LogPosition, limit: Int) -> EventPage {
    let all =
      type.map { self.page(ofType: $0, from: .start, limit: .max) } ?? self.page(from: .start, limit: .max)
    var page = EventPage()
    let earlier = all.entries.indices.filter { all.entries[$0].position < position }
    for index in earlier.suffix(limit) {
      let entry = all.entries[index]
      page.append(position: entry.position, recorded: entry.recorded, json: all.json(index))
    }
    return page
  }

  /// Makes a run under the next number.
  mutating func add(_ new: NewRun) -> Run {
    let run = new.run(RunID(rawValue: Int64(runs.count) + 1), at: now)
    runs.append(run)
    return run
  }

  /// Appends events and says what became of each.
  mutating func append(_ batch: EventBatch, at recorded: Timestamp) -> [AppendOutcome] {
    append(batch) { _ in recorded }
  }

  /// Appends events of another log and says what became of each.
  mutating func append(_ other: EventImport, at now: Timestamp) -> [AppendOutcome] {
    var last = events.entries.last?.recorded ?? Timestamp(microseconds: .min)
    let outcomes = append(other.events) { index in
      last = other.recorded(index, after: last, at: now)
      return last
    }
    for case .appended(let position) in outcomes { imported.insert(position) }
    return outcomes
  }

  static func identity(of entry: EventBatch.Entry, in batch: EventBatch) -> [UInt8] {
    Array(batch.bytes[entry.source] + [0] + batch.bytes[entry.id])
  }

  private mutating func append(_ batch: EventBatch, _ recorded: (Int) -> Timestamp) -> [AppendOutcome] {
    batch.entries.enumerated().map { index, entry in
      let identity = Self.identity(of: entry, in: batch)
      if let position = identities[identity] { return .duplicate(position) }
      let position = LogPosition(rawValue: Int64(events.entries.count) + 1)
      identities[identity] = position
      events.append(position: position, recorded: recorded(index), json: batch.bytes[entry.json])
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

extension EventPage {
  /// The type of each event.
  var types: [String] {
    entries.indices.map { (try? JSONDocument(Array(json($0))))?.root["type"]?.string ?? "" }
  }
}
