// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import EventSources
import Synchronization

// The requirements are documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension InMemoryLog {
  public func events(from position: LogPosition, limit: Int) throws(LogFailure) -> EventPage {
    state.withLock { $0.store.page(from: position, limit: limit) }
  }

  public func events(
    ofType type: String,
    from position: LogPosition,
    limit: Int
  ) throws(LogFailure) -> EventPage {
    state.withLock { $0.store.page(ofType: type, from: position, limit: limit) }
  }

  public func events(
    ofType type: String?,
    before position: LogPosition,
    limit: Int
  ) throws(LogFailure) -> EventPage {
    state.withLock { $0.store.page(ofType: type, before: position, limit: limit) }
  }

  public func eventTypes() throws(LogFailure) -> [String] {
    state.withLock { state in
      let types = state.store.page(from: .start, limit: .max).types.map { Array($0.utf8) }
      return Set(types).sorted { $0.lexicographicallyPrecedes($1) }.map {
        String(decoding: $0, as: UTF8.self)
      }
    }
  }

  public func positions(ofID id: String) throws(LogFailure) -> [LogPosition] {
    var end: [UInt8] = [0]
    JSONWriter.appendContent(id, to: &end)
    return state.withLock { [end] state in
      state.store.identities.filter { $0.key.suffix(end.count).elementsEqual(end) }.map(\.value).sorted()
    }
  }

  public func position(source: String, id: String) throws(LogFailure) -> LogPosition? {
    var identity: [UInt8] = []
    JSONWriter.appendContent(source, to: &identity)
    identity.append(0)
    JSONWriter.appendContent(id, to: &identity)
    return state.withLock { [identity] in $0.store.identities[identity] }
  }

  public func lastPosition() throws(LogFailure) -> LogPosition {
    state.withLock { LogPosition(rawValue: Int64($0.store.events.entries.count)) }
  }

  public func runs(after id: RunID, states: Set<RunState>, limit: Int) throws(LogFailure) -> [Run] {
    state.withLock { state in
      Array(
        state.store.knownRuns.lazy.filter { $0.id > id && states.contains($0.state) }.prefix(limit)
      )
    }
  }

  public func newestRuns(states: Set<RunState>, before id: RunID?, limit: Int) throws(LogFailure) -> [Run] {
    state.withLock { state in
      let earlier = state.store.knownRuns.reversed().lazy.filter { run in id.map { run.id < $0 } ?? true }
      return Array(earlier.filter { states.contains($0.state) }.prefix(limit))
    }
  }

  public func runs(of position: LogPosition) throws(LogFailure) -> [Run] {
    state.withLock { state in
      state.store.knownRuns.filter { run in
        run.branch == nil && (run.position == position || run.inputs.contains(position))
      }
    }
  }

  public func pendingWork(
    of lane: LaneName,
    after id: RunID,
    limit: Int
  ) throws(LogFailure) -> PendingWork {
    let ids = state.withLock { state in
      let later = state.store.runs.dropFirst(Int(id.rawValue)).lazy
      return Array(
        later.filter { $0.state == .pending && $0.lane == lane }.prefix(limit).map(\.id)
      )
    }
    return PendingWork(try work(of: ids), isAll: ids.count < limit)
  }

  public func pendingLanes() throws(LogFailure) -> Set<LaneName> {
    state.withLock { state in Set(state.store.runs.lazy.filter { $0.state == .pending }.map(\.lane)) }
  }

  public func run(_ id: RunID) throws(LogFailure) -> Run? {
    state.withLock { state in state.store.index(of: id).map { state.store.runs[$0] } }
  }

  public func branches(of run: RunID, fork: Int, after place: Int, limit: Int) throws(LogFailure) -> [Run] {
    state.withLock { state in
      let all = state.store.knownRuns.filter { other in
        guard let branch = other.branch, branch.parent == run else { return false }
        return branch.place > place && branch.fork == fork
      }
      return Array(all.sorted { $0.branch?.place ?? 0 < $1.branch?.place ?? 0 }.prefix(limit))
    }
  }

  public func history(of run: RunID, limit: Int) throws(LogFailure) -> [HistoryEntry] {
    state.withLock { Array(($0.store.history[run] ?? []).suffix(limit)) }
  }

  public func awaitedSites() throws(LogFailure) -> [AwaitedSite] {
    let found = state.withLock { state in
      state.store.awaits.compactMap { id, event in
        state.store.index(of: id).map { index in
          let run = state.store.runs[index]
          return AwaitedSite(site: event.site, rule: run.rule, revision: run.revision)
        }
      }
    }
    return Set(found).sorted { ($0.site, $0.rule, $0.revision) < ($1.site, $1.rule, $1.revision) }
  }

  public func isAwaiting(_ run: RunID) throws(LogFailure) -> Bool {
    state.withLock { $0.store.awaits[run] != nil }
  }

  public func work(of ids: [RunID]) throws(LogFailure) -> [RunWork] {
    state.withLock { state in
      ids.compactMap { id in
        guard let index = state.store.index(of: id) else { return nil }
        let run = state.store.runs[index]
        return state.store.event(at: run.position).map { RunWork(run: run, event: $0) }
      }
    }
  }

  public func events(at positions: [LogPosition]) throws(LogFailure) -> [[UInt8]] {
    state.withLock { state in positions.compactMap { state.store.event(at: $0) } }
  }

  public func wasImported(_ position: LogPosition) throws(LogFailure) -> Bool {
    state.withLock { $0.store.imported.contains(position) }
  }

  public func version(of stream: StreamName) throws(LogFailure) -> Int64 {
    state.withLock { $0.store.version(of: stream) }
  }

  public func events(
    of stream: StreamName,
    after version: Int64,
    limit: Int
  ) throws(LogFailure) -> EventPage {
    state.withLock { $0.store.page(of: stream, after: version, limit: limit) }
  }

  public func streams(
    of owner: String,
    after key: [UInt8]?,
    limit: Int
  ) throws(LogFailure) -> [StreamVersion] {
    state.withLock { $0.store.streams(of: owner, after: key, limit: limit) }
  }

  public func answer(to command: String, of owner: String) throws(LogFailure) -> [UInt8]? {
    state.withLock { $0.store.answers[owner]?[command] }
  }

  public func decisions(of position: LogPosition) throws(LogFailure) -> [Decision] {
    state.withLock { $0.store.decisions.filter { $0.position == position }.sorted { $0.rule < $1.rule } }
  }

  public func windows(of owner: String?, limit: Int) throws(LogFailure) -> [StoredWindow] {
    state.withLock { state in
      let all = state.store.windows.values.filter { owner == nil || $0.owner == owner }
      return Array(all.sorted { ($0.due, $0.id) < ($1.due, $1.id) }.prefix(limit))
    }
  }

  public func window(_ id: Int64) throws(LogFailure) -> StoredWindow? {
    state.withLock { $0.store.windows[id] }
  }

  public func windowCounts() throws(LogFailure) -> [String: Int] {
    state.withLock { $0.store.windows.values.reduce(into: [:]) { $0[$1.owner, default: 0] += 1 } }
  }

  public func oldestInWindows() throws(LogFailure) -> LogPosition? {
    state.withLock { $0.store.oldest.values.min() }
  }

  public func nextWindowDue() throws(LogFailure) -> Timestamp? {
    state.withLock { $0.store.windows.values.lazy.map(\.due).min() }
  }

  public func interruptedRuns(limit: Int) throws(LogFailure) -> [Run] {
    state.withLock { state in
      Array(state.store.runs.lazy.filter { $0.state == .waiting && $0.interruptions > 0 }.prefix(limit))
    }
  }

  public func runsInWait(limit: Int) throws(LogFailure) -> [Run] {
    state.withLock { state in
      Array(state.store.runs.lazy.filter { $0.state == .queued || $0.state == .behind }.prefix(limit))
    }
  }

  public func dueRuns(at instant: Timestamp, limit: Int) throws(LogFailure) -> [Run] {
    state.withLock { state in
      let due = state.store.runs.filter { run in run.due.map { $0 <= instant } ?? false }
      return Array(due.sorted { ($0.due ?? instant, $0.id) < ($1.due ?? instant, $1.id) }.prefix(limit))
    }
  }

  public func nextDue() throws(LogFailure) -> Timestamp? {
    state.withLock { $0.store.runs.lazy.compactMap(\.due).min() }
  }

  public func clockReading() throws(LogFailure) -> SteadyClock.Reading? { clock.reading() }

  public func checkpoint(of source: String) -> any CheckpointReader {
    InMemoryCheckpoint(entries: state.withLock { $0.store.checkpoints[source] ?? [:] })
  }
}

/// A checkpoint as it was when it was asked for.
private struct InMemoryCheckpoint: CheckpointReader {
  let entries: [[UInt8]: [UInt8]]

  func value(for key: [UInt8]) throws -> [UInt8]? { entries[key] }

  func forEach(_ body: (_ key: [UInt8], _ value: [UInt8]) throws -> Void) throws {
    for (key, value) in entries.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      try body(key, value)
    }
  }
}
