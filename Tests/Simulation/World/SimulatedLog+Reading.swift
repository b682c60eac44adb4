// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources

/// Reading, during which others may go on, and which may fail.
extension SimulatedLog {
  private var reader: InMemoryLog {
    get throws(LogFailure) {
      onUse()
      if chance.once(in: unreadable) { throw LogFailure(.io, "the disk cannot be read") }
      return disk
    }
  }

  func events(from position: LogPosition, limit: Int) throws(LogFailure) -> EventPage {
    try reader.events(from: position, limit: limit)
  }

  func position(source: String, id: String) throws(LogFailure) -> LogPosition? {
    try reader.position(source: source, id: id)
  }

  func lastPosition() throws(LogFailure) -> LogPosition { try reader.lastPosition() }

  func runs(after id: RunID, states: Set<RunState>, limit: Int) throws(LogFailure) -> [Run] {
    try reader.runs(after: id, states: states, limit: limit)
  }

  func newestRuns(states: Set<RunState>, before id: RunID?, limit: Int) throws(LogFailure) -> [Run] {
    try reader.newestRuns(states: states, before: id, limit: limit)
  }

  func runs(of position: LogPosition) throws(LogFailure) -> [Run] { try reader.runs(of: position) }

  func pendingWork(of lane: LaneName, after id: RunID, limit: Int) throws(LogFailure) -> PendingWork {
    let found = try reader.pendingWork(of: lane, after: id, limit: limit)
    onUse()
    return found
  }

  func pendingLanes() throws(LogFailure) -> Set<LaneName> { try reader.pendingLanes() }

  func run(_ id: RunID) throws(LogFailure) -> Run? { try reader.run(id) }

  func work(of ids: [RunID]) throws(LogFailure) -> [RunWork] {
    let found = try reader.work(of: ids)
    onUse()
    return found
  }

  func events(at positions: [LogPosition]) throws(LogFailure) -> [[UInt8]] {
    // To SQLite, a disk that fails once can look like damage.
    if chance.once(in: unreadable) { throw LogFailure(.corrupt, "the log is damaged") }
    return try reader.events(at: positions)
  }

  func branches(of run: RunID, fork: Int, after place: Int, limit: Int) throws(LogFailure) -> [Run] {
    let found = try reader.branches(of: run, fork: fork, after: place, limit: limit)
    onUse()
    return found
  }

  func history(of run: RunID, limit: Int) throws(LogFailure) -> [HistoryEntry] {
    try reader.history(of: run, limit: limit)
  }

  func version(of stream: StreamName) throws(LogFailure) -> Int64 { try reader.version(of: stream) }

  func events(of stream: StreamName, after version: Int64, limit: Int) throws(LogFailure) -> EventPage {
    try reader.events(of: stream, after: version, limit: limit)
  }

  func streams(of owner: String, after key: [UInt8]?, limit: Int) throws(LogFailure) -> [StreamVersion] {
    try reader.streams(of: owner, after: key, limit: limit)
  }

  func answer(to command: String, of owner: String) throws(LogFailure) -> [UInt8]? {
    try reader.answer(to: command, of: owner)
  }

  func awaitedSites() throws(LogFailure) -> [AwaitedSite] { try reader.awaitedSites() }

  func isAwaiting(_ run: RunID) throws(LogFailure) -> Bool { try reader.isAwaiting(run) }

  func events(
    ofType type: String,
    from position: LogPosition,
    limit: Int
  ) throws(LogFailure) -> EventPage {
    try reader.events(ofType: type, from: position, limit: limit)
  }

  func events(
    ofType type: String?,
    before position: LogPosition,
    limit: Int
  ) throws(LogFailure) -> EventPage {
    try reader.events(ofType: type, before: position, limit: limit)
  }

  func eventTypes() throws(LogFailure) -> [String] { try reader.eventTypes() }

  func positions(ofID id: String) throws(LogFailure) -> [LogPosition] { try reader.positions(ofID: id) }

  func wasImported(_ position: LogPosition) throws(LogFailure) -> Bool { try reader.wasImported(position) }

  func decisions(of position: LogPosition) throws(LogFailure) -> [Decision] {
    try reader.decisions(of: position)
  }

  func windows(of owner: String?, limit: Int) throws(LogFailure) -> [StoredWindow] {
    try reader.windows(of: owner, limit: limit)
  }

  func window(_ id: Int64) throws(LogFailure) -> StoredWindow? { try reader.window(id) }

  func windowCounts() throws(LogFailure) -> [String: Int] { try reader.windowCounts() }

  func oldestInWindows() throws(LogFailure) -> LogPosition? { try reader.oldestInWindows() }

  func nextWindowDue() throws(LogFailure) -> Timestamp? {
    let found = try reader.nextWindowDue()
    onUse()
    return found
  }

  func clockReading() throws(LogFailure) -> SteadyClock.Reading? { written }

  func interruptedRuns(limit: Int) throws(LogFailure) -> [Run] { try reader.interruptedRuns(limit: limit) }

  func runsInWait(limit: Int) throws(LogFailure) -> [Run] { try reader.runsInWait(limit: limit) }

  func dueRuns(at instant: Timestamp, limit: Int) throws(LogFailure) -> [Run] {
    let found = try reader.dueRuns(at: instant, limit: limit)
    onUse()
    return found
  }

  func nextDue() throws(LogFailure) -> Timestamp? {
    let found = try reader.nextDue()
    onUse()
    return found
  }

  func checkpoint(of source: String) -> any CheckpointReader { disk.checkpoint(of: source) }
}
