// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import EventSources
import Synchronization

/// The reference log: the contract in its simplest form, without a disk.
///
/// For tests and simulations, and to be read first. Every change is its own commit, made on the caller's
/// thread and answered before `submit` returns. An error of the router closes it.
public final class InMemoryLog {
  fileprivate struct State {
    var store = InMemoryStore()
    var failure: LogFailure?
    var router: (any EventRouter)?
    var observer: (any CommitObserver)?
  }

  /// Steady time.
  public let clock: SteadyClock
  fileprivate let state = Mutex(State())

  /// Makes an empty log.
  public init(clock: any HostClock) { self.clock = SteadyClock(clock) }

  /// Makes a log that holds something.
  init(_ store: InMemoryStore, clock: SteadyClock) {
    self.clock = clock
    state.withLock { $0.store = store }
  }

  /// What the log holds; a simulation decides itself when what was written is there.
  var store: InMemoryStore {
    get { state.withLock { $0.store } }
    set { state.withLock { $0.store = newValue } }
  }
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
    let time = clock.reading()
    let (result, observer) = state.withLock { state in
      (Self.apply(change, at: time, to: &state), state.observer)
    }
    switch result {
    case .success(let (receipt, commits)):
      for commit in commits { observer?.committed(commit) }
      completion(.success(receipt))
    case .failure(let failure): completion(.failure(failure))
    }
  }

  private static func apply(
    _ change: LogChange,
    at time: SteadyClock.Reading,
    to state: inout State
  ) -> Result<(LogReceipt, [Commit]), LogFailure> {
    if let failure = state.failure { return .failure(failure) }
    // Taken out and put back, so that it is changed in its place.
    let transaction = InMemoryTransaction(state.store, at: time)
    state.store = InMemoryStore()
    defer { state.store = transaction.store }
    do {
      return .success(try perform(change, at: time, in: transaction, state.router))
    } catch {
      let failure = error as? LogFailure ?? LogFailure(.io, "\(error)")
      state.failure = failure
      return .failure(failure)
    }
  }

  static func perform(
    _ change: LogChange,
    at time: SteadyClock.Reading,
    in transaction: InMemoryTransaction,
    _ router: (any EventRouter)?
  ) throws -> (LogReceipt, [Commit]) {
    var receipt = LogReceipt()
    receipt.conflict = transaction.store.take(change.preconditions)
    guard receipt.conflict == nil else { return (receipt, []) }
    for change in change.runs {
      let consequences = try transaction.store.follow(change)
      receipt.runChanges.append(consequences != nil)
      receipt.add(consequences)
    }
    for (index, fork) in change.forks where receipt.runChanges[index] {
      receipt.add(try transaction.store.fork(fork, of: change.runs[index].run))
    }
    for (index, entry) in change.history where receipt.runChanges[index] {
      transaction.store.history[change.runs[index].run, default: []].append(entry)
    }
    if let source = change.source {
      for change in change.checkpoint {
        transaction.store.checkpoints[source, default: [:]][change.key] = change.value
      }
    }
    var commits: [Commit] = []
    for (index, event) in change.awaits where receipt.runChanges[index] {
      let id = change.runs[index].run
      // What was cancelled meanwhile is not held.
      guard let place = transaction.store.index(of: id), transaction.store.runs[place].state == .waiting
      else { continue }
      transaction.store.awaits[id] = event
      try router?.lookBack(for: event, of: transaction.store.runs[place], at: time, in: transaction)
    }
    if transaction.hasNews { commits.append(transaction.commit(EventBatch(), [])) }
    for wish in change.windows {
      if case .open(let owner, let key, let due, let content, let oldest) = wish {
        let isNew = transaction.window(of: owner, key: key) == nil
        if isNew {
          transaction.open(owner: owner, key: key, due: due, content: content, oldest: oldest)
        }
        receipt.windows.append(isNew)
        continue
      }
      let windows = transaction.store.windows(for: wish, at: time.steady)
      receipt.windows.append(!windows.isEmpty)
      var events = EventBatch()
      for window in windows {
        if let router { events.append(try router.change(window, wish, at: time, in: transaction)) }
      }
      commits.append(transaction.commit(EventBatch(), []))
      _ = try append(events, at: time, in: transaction, router, &commits)
    }
    receipt.pruned = change.pruning.map { transaction.store.prune($0) }
    if let erasure = change.erasure {
      var outcome = try transaction.store.erase(erasure)
      if !outcome.erased.isEmpty {
        let position = LogPosition(rawValue: Int64(transaction.store.events.entries.count) + 1)
        let notice = try ErasureNotice.batch(
          outcome.erased,
          of: erasure,
          id: "erasure-\(position)",
          digest: nil,
          at: time.civil
        )
        _ = try append(notice, at: time, in: transaction, router, &commits)
        outcome.notice = position
      }
      receipt.erased = outcome
    }
    if let imported = change.imported {
      receipt.imported = transaction.store.append(imported, at: time.civil)
      commits.append(transaction.commit(imported.events, receipt.imported))
    }
    receipt.outcomes = try append(
      change.allEvents(receipt.runChanges),
      at: time,
      in: transaction,
      router,
      &commits
    )
    return (receipt, commits)
  }

  /// Appends events, and what follows from them as long as anything does.
  private static func append(
    _ events: EventBatch,
    at time: SteadyClock.Reading,
    in transaction: InMemoryTransaction,
    _ router: (any EventRouter)?,
    _ commits: inout [Commit]
  ) throws -> [AppendOutcome] {
    var first: [AppendOutcome]?
    var batch = events
    while !batch.isEmpty {
      let outcomes = transaction.store.append(batch, at: time.civil)
      let next = try router?.route(batch, outcomes: outcomes, at: time, in: transaction) ?? EventBatch()
      commits.append(transaction.commit(batch, outcomes))
      first = first ?? outcomes
      batch = next
    }
    return first ?? []
  }

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

  public func close() async {
    state.withLock { $0.failure = $0.failure ?? LogFailure(.closed, "the log has been closed") }
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
