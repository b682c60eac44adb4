// SPDX-License-Identifier: Apache-2.0

import CSQLiteSetup
public import DurableLog
public import EventModel
public import EventSources
import Foundation
import GRDB

/// Theory of operation.
///
/// One SQLite database in WAL mode with `synchronous=FULL`. One thread owns the only connection that writes,
/// and that connection alone checkpoints, so the races between writers that SQLite has had cannot occur.
/// Changes queue up while the thread commits; it then takes all of them into one transaction (group commit),
/// so throughput grows with load while each answer still means "on disk". Reads use a connection that cannot
/// write and see whole commits.
///
/// Events carry a chained checksum (`ChainedChecksum`); the newest one is also kept apart, so that a log whose
/// end was cut off is noticed at the next start; so is a write-ahead log that was damaged (`WriteAheadLog`). An error in writing is final: a page that failed to reach the
/// disk may be lost although a later sync succeeds, so the log answers every further change with the failure
/// and only opening it anew, which reads what is really there, helps. Only a full disk is different: the
/// transaction is rolled back and the log goes on with what cannot wait (`DiskSpace`).
public final class SQLiteLog: DurableLog {
  let reader: LogReader
  private let commits: GroupCommit
  private let writing: DatabaseQueue
  private let lock: LockFile

  /// Steady time.
  public let clock: SteadyClock

  /// Opens the log at `path`, making it if it is not there.
  ///
  /// `reserve` is kept back on the disk; by default, 16 MiB beside the log. `onSpace` is called, on the log's thread, when
  /// the disk is so full that no events are taken, and when they are again. `onFatal` is called once, on the log's
  /// thread, when the log can take nothing more.
  public convenience init(
    path: String,
    clock: any HostClock,
    reserve: (any SpaceReserve)? = nil,
    onSpace: @escaping @Sendable (_ isLow: Bool) -> Void = { _ in },
    onFatal: @escaping @Sendable (LogFailure) -> Void
  ) throws(LogFailure) {
    try self.init(
      path: path,
      clock: clock,
      disk: DiskUse(),
      reserve: reserve ?? ReserveFile(path: path + ".reserve"),
      onSpace: onSpace,
      onFatal: onFatal
    )
  }

  /// The same, with another way of using the disk, and other random numbers.
  init(
    path: String,
    clock: any HostClock,
    disk: DiskUse,
    reserve: any SpaceReserve,
    random: @escaping @Sendable () -> any RandomNumberGenerator = { SystemRandomNumberGenerator() },
    onSpace: @escaping @Sendable (_ isLow: Bool) -> Void = { _ in },
    onFatal: @escaping @Sendable (LogFailure) -> Void
  ) throws(LogFailure) {
    _ = Self.setup
    lock = try LockFile(path: path + ".lock")
    try WriteAheadLog.settle(at: path)
    do {
      writing = try DatabaseQueue(path: disk.name(of: path), configuration: disk.configuration)
      try SQLiteSchema.migrate(writing)
      reader = try LogReader(path: path)
      self.clock = SteadyClock(clock, after: try writing.read { try StoredClock($0)?.reading })
    } catch {
      throw LogFailure(error)
    }
    commits = GroupCommit(
      queue: writing,
      clock: self.clock,
      space: { DiskSpace(reserve, report: onSpace) },
      random: random,
      onFatal: onFatal
    )
  }

  /// Done once, before SQLite is used; without effect when it was used before.
  private static let setup = earshot_sqlite_stop_counting_memory()
}

// The requirements are documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension SQLiteLog {
  public func start(router: any EventRouter, observer: any CommitObserver) {
    commits.start(router: router, observer: observer)
  }

  public func submit(
    _ change: LogChange,
    completion: @escaping @Sendable (Result<LogReceipt, LogFailure>) -> Void
  ) {
    commits.submit(change, completion: completion)
  }

  /// How many bytes the log's events, runs and indexes take up on disk, without the write-ahead log.
  public func size() throws(LogFailure) -> Int { try reader.size() }

  public func events(from position: LogPosition, limit: Int) throws(LogFailure) -> EventPage {
    try reader.events(from: position, limit: limit)
  }

  public func position(source: String, id: String) throws(LogFailure) -> LogPosition? {
    try reader.position(source: source, id: id)
  }

  public func lastPosition() throws(LogFailure) -> LogPosition { try reader.lastPosition() }

  public func runs(after id: RunID, states: Set<RunState>, limit: Int) throws(LogFailure) -> [Run] {
    try reader.runs(after: id, states: states, limit: limit)
  }

  public func newestRuns(states: Set<RunState>, before id: RunID?, limit: Int) throws(LogFailure) -> [Run] {
    try reader.newestRuns(states: states, before: id, limit: limit)
  }

  public func runs(of position: LogPosition) throws(LogFailure) -> [Run] { try reader.runs(of: position) }

  public func pendingWork(
    of lane: LaneName,
    after id: RunID,
    limit: Int
  ) throws(LogFailure) -> PendingWork {
    try reader.pendingWork(of: lane, after: id, limit: limit)
  }

  public func pendingLanes() throws(LogFailure) -> Set<LaneName> { try reader.pendingLanes() }

  public func run(_ id: RunID) throws(LogFailure) -> Run? { try reader.run(id) }

  public func work(of ids: [RunID]) throws(LogFailure) -> [RunWork] { try reader.work(of: ids) }

  public func events(at positions: [LogPosition]) throws(LogFailure) -> [[UInt8]] {
    try reader.events(at: positions)
  }

  public func branches(
    of run: RunID,
    fork: Int,
    after place: Int,
    limit: Int
  ) throws(LogFailure) -> [Run] { try reader.branches(of: run, fork: fork, after: place, limit: limit) }

  public func history(of run: RunID, limit: Int) throws(LogFailure) -> [HistoryEntry] {
    try reader.history(of: run, limit: limit)
  }

  public func awaitedSites() throws(LogFailure) -> [AwaitedSite] { try reader.awaitedSites() }

  public func isAwaiting(_ run: RunID) throws(LogFailure) -> Bool { try reader.isAwaiting(run) }

  public func events(
    ofType type: String,
    from position: LogPosition,
    limit: Int
  ) throws(LogFailure) -> EventPage {
    try reader.events(ofType: type, from: position, limit: limit)
  }

  public func events(
    ofType type: String?,
    before position: LogPosition,
    limit: Int
  ) throws(LogFailure) -> EventPage {
    try reader.events(ofType: type, before: position, limit: limit)
  }

  public func eventTypes() throws(LogFailure) -> [String] { try reader.eventTypes() }

  public func positions(ofID id: String) throws(LogFailure) -> [LogPosition] {
    try reader.positions(ofID: id)
  }

  public func wasImported(_ position: LogPosition) throws(LogFailure) -> Bool {
    try reader.wasImported(position)
  }

  public func version(of stream: StreamName) throws(LogFailure) -> Int64 { try reader.version(of: stream) }

  public func events(
    of stream: StreamName,
    after version: Int64,
    limit: Int
  ) throws(LogFailure) -> EventPage { try reader.events(of: stream, after: version, limit: limit) }

  public func streams(
    of owner: String,
    after key: [UInt8]?,
    limit: Int
  ) throws(LogFailure) -> [StreamVersion] { try reader.streams(of: owner, after: key, limit: limit) }

  public func answer(to command: String, of owner: String) throws(LogFailure) -> [UInt8]? {
    try reader.answer(to: command, of: owner)
  }

  public func decisions(of position: LogPosition) throws(LogFailure) -> [Decision] {
    try reader.decisions(of: position)
  }

  public func windows(of owner: String?, limit: Int) throws(LogFailure) -> [StoredWindow] {
    try reader.windows(of: owner, limit: limit)
  }

  public func clockReading() throws(LogFailure) -> SteadyClock.Reading? { try reader.clockReading() }

  public func window(_ id: Int64) throws(LogFailure) -> StoredWindow? { try reader.window(id) }

  public func windowCounts() throws(LogFailure) -> [String: Int] { try reader.windowCounts() }

  public func oldestInWindows() throws(LogFailure) -> LogPosition? { try reader.oldestInWindows() }

  public func nextWindowDue() throws(LogFailure) -> Timestamp? { try reader.nextWindowDue() }

  public func interruptedRuns(limit: Int) throws(LogFailure) -> [Run] {
    try reader.interruptedRuns(limit: limit)
  }

  public func runsInWait(limit: Int) throws(LogFailure) -> [Run] { try reader.runsInWait(limit: limit) }

  public func dueRuns(at instant: Timestamp, limit: Int) throws(LogFailure) -> [Run] {
    try reader.dueRuns(at: instant, limit: limit)
  }

  public func nextDue() throws(LogFailure) -> Timestamp? { try reader.nextDue() }

  public func checkpoint(of source: String) -> any CheckpointReader {
    reader.checkpoint(of: source)
  }

  public func close() async {
    await commits.close()
    reader.close()
    try? writing.close()
  }
}
