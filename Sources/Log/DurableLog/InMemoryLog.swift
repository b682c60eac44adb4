// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import EventSources
import Synchronization

/// The reference log: the contract in its simplest form, without a disk.
///
/// For tests and simulations, and to be read first. Every change is its own commit, made on the caller's
/// thread and answered before `submit` returns.
public final class InMemoryLog {
  fileprivate struct State {
    var events = EventPage()
    var identities: [[UInt8]: LogPosition] = [:]
    var runs: [Run] = []
    var checkpoints: [String: [[UInt8]: [UInt8]]] = [:]
    var isClosed = false
    var router: (any EventRouter)?
    var observer: (any CommitObserver)?
  }

  fileprivate let clock: any HostClock
  fileprivate let state = Mutex(State())

  /// Makes an empty log.
  public init(clock: any HostClock) { self.clock = clock }

}

// The requirements are documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension InMemoryLog: DurableLog {
  public func start(router: any EventRouter, observer: any CommitObserver) {
    state.withLock {
      $0.router = router
      $0.observer = observer
    }
  }

  public func submit(
    _ change: LogChange,
    completion: @escaping @Sendable (Result<LogReceipt, LogFailure>) -> Void
  ) {
    let now = clock.now()
    let result: (LogReceipt, [Commit], (any CommitObserver)?)? = state.withLock { state in
      guard !state.isClosed else { return nil }
      let receipt = LogReceipt(
        outcomes: [],
        runChanges: change.runs.map { Self.apply($0, at: now, to: &state) }
      )
      Self.apply(change.checkpoint, of: change.source, to: &state)
      let commits = Self.append(change.events, at: now, to: &state)
      return (
        LogReceipt(outcomes: commits.first?.outcomes ?? [], runChanges: receipt.runChanges), commits,
        state.observer
      )
    }
    guard let (receipt, commits, observer) = result else {
      return completion(.failure(LogFailure(.closed, "the log has been closed")))
    }
    for commit in commits { observer?.committed(commit) }
    completion(.success(receipt))
  }

  private static func apply(_ change: RunChange, at now: Timestamp, to state: inout State) -> Bool {
    let index = Int(change.run.rawValue) - 1
    guard state.runs.indices.contains(index), let changed = state.runs[index].applying(change, at: now) else {
      return false
    }
    state.runs[index] = changed
    return true
  }

  private static func apply(_ changes: [CheckpointChange], of source: String?, to state: inout State) {
    guard let source else { return }
    for change in changes { state.checkpoints[source, default: [:]][change.key] = change.value }
  }

  /// Appends events, and what follows from them as long as anything does.
  private static func append(_ events: EventBatch, at now: Timestamp, to state: inout State) -> [Commit] {
    var commits: [Commit] = []
    var batch = events
    while !batch.isEmpty {
      let outcomes = appendEvents(batch, at: now, to: &state)
      let routing = state.router?.route(batch, outcomes: outcomes, recorded: now) ?? Routing()
      let runs = makeRuns(routing.runs, outcomes, at: now, to: &state)
      commits.append(Commit(events: batch, outcomes: outcomes, recorded: now, runs: runs))
      batch = routing.events
    }
    return commits
  }

  private static func appendEvents(
    _ events: EventBatch,
    at now: Timestamp,
    to state: inout State
  ) -> [AppendOutcome] {
    events.entries.map { entry -> AppendOutcome in
      let identity = events.bytes[entry.source] + [0] + events.bytes[entry.id]
      if let position = state.identities[Array(identity)] { return .duplicate(position) }
      let position = LogPosition(rawValue: Int64(state.events.entries.count) + 1)
      state.identities[Array(identity)] = position
      state.events.append(position: position, recorded: now, json: events.bytes[entry.json])
      return .appended(position)
    }
  }

  private static func makeRuns(
    _ wanted: [NewRun],
    _ outcomes: [AppendOutcome],
    at now: Timestamp,
    to state: inout State
  ) -> [Run] {
    wanted.map { new -> Run in
      guard case .appended(let position) = outcomes[new.event] else {
        preconditionFailure("a router asked for a run of a duplicate")
      }
      let run = Run(
        id: RunID(rawValue: Int64(state.runs.count) + 1),
        position: position,
        rule: new.rule,
        revision: new.revision,
        listener: new.listener,
        state: new.startsAtOnce ? .running : .pending,
        updated: now
      )
      state.runs.append(run)
      return run
    }
  }

  public func events(from position: LogPosition, limit: Int) throws(LogFailure) -> EventPage {
    state.withLock { state in
      var page = EventPage()
      let first = max(0, Int(position.rawValue) - 1)
      for index in state.events.entries.indices.dropFirst(first).prefix(limit) {
        let entry = state.events.entries[index]
        page.append(position: entry.position, recorded: entry.recorded, json: state.events.json(index))
      }
      return page
    }
  }

  public func position(source: String, id: String) throws(LogFailure) -> LogPosition? {
    var identity: [UInt8] = []
    JSONWriter.appendContent(source, to: &identity)
    identity.append(0)
    JSONWriter.appendContent(id, to: &identity)
    return state.withLock { [identity] in $0.identities[identity] }
  }

  public func lastPosition() throws(LogFailure) -> LogPosition {
    state.withLock { LogPosition(rawValue: Int64($0.events.entries.count)) }
  }

  public func runs(after id: RunID, states: Set<RunState>, limit: Int) throws(LogFailure) -> [Run] {
    state.withLock { state in
      Array(state.runs.dropFirst(Int(id.rawValue)).lazy.filter { states.contains($0.state) }.prefix(limit))
    }
  }

  public func newestRuns(states: Set<RunState>, before id: RunID?, limit: Int) throws(LogFailure) -> [Run] {
    state.withLock { state in
      let earlier = state.runs.prefix(id.map { Int($0.rawValue) - 1 } ?? state.runs.count)
      return Array(earlier.reversed().lazy.filter { states.contains($0.state) }.prefix(limit))
    }
  }

  public func runs(of position: LogPosition) throws(LogFailure) -> [Run] {
    state.withLock { $0.runs.filter { $0.position == position } }
  }

  public func pendingWork(
    of listener: String,
    after id: RunID,
    limit: Int
  ) throws(LogFailure) -> [RunWork] {
    let ids = state.withLock { state in
      let later = state.runs.dropFirst(Int(id.rawValue)).lazy
      return Array(
        later.filter { $0.state == .pending && $0.listener == listener }.prefix(limit).map(\.id)
      )
    }
    return try work(of: ids)
  }

  public func pendingListeners() throws(LogFailure) -> Set<String> {
    state.withLock { state in Set(state.runs.lazy.filter { $0.state == .pending }.map(\.listener)) }
  }

  public func run(_ id: RunID) throws(LogFailure) -> Run? {
    state.withLock { state in
      let index = Int(id.rawValue) - 1
      return state.runs.indices.contains(index) ? state.runs[index] : nil
    }
  }

  public func work(of ids: [RunID]) throws(LogFailure) -> [RunWork] {
    state.withLock { state in
      ids.compactMap { id in
        let index = Int(id.rawValue) - 1
        guard state.runs.indices.contains(index) else { return nil }
        let run = state.runs[index]
        var event: [UInt8] = []
        state.events.appendStamped(Int(run.position.rawValue) - 1, to: &event)
        return RunWork(run: run, event: event)
      }
    }
  }

  public func dueRuns(at instant: Timestamp, limit: Int) throws(LogFailure) -> [Run] {
    state.withLock { state in
      let due = state.runs.filter { run in run.due.map { $0 <= instant } ?? false }
      return Array(due.sorted { ($0.due ?? instant, $0.id) < ($1.due ?? instant, $1.id) }.prefix(limit))
    }
  }

  public func nextDue() throws(LogFailure) -> Timestamp? {
    state.withLock { $0.runs.lazy.compactMap(\.due).min() }
  }

  public func checkpoint(of source: String) -> any CheckpointReader {
    InMemoryCheckpoint(entries: state.withLock { $0.checkpoints[source] ?? [:] })
  }

  public func close() async { state.withLock { $0.isClosed = true } }
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
