// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources

extension WorkingLog: DurableLog {
  func events(from position: LogPosition, limit: Int) throws(LogFailure) -> EventPage {
    try page(ofType: nil, from: position, limit: limit)
  }

  func events(ofType type: String, from position: LogPosition, limit: Int) throws(LogFailure) -> EventPage {
    try page(ofType: type, from: position, limit: limit)
  }

  /// Recorded events that were told, and between them those that were made.
  private func page(ofType type: String?, from position: LogPosition, limit: Int) throws(LogFailure)
    -> EventPage
  {
    let own = made.page(ofType: type, from: position, limit: limit)
    var places: [(position: LogPosition, page: EventPage, index: Int)] = []
    for index in own.entries.indices { places.append((own.entries[index].position, own, index)) }
    let recorded = BacktestPosition.recorded(position)
    var next: LogPosition? = BacktestPosition.isRecorded(position) ? recorded : recorded.next
    var count = 0
    while let from = next, from <= told, count < limit {
      let (page, following) = try recording.told(ofType: type, from: from, through: told, limit: limit)
      for index in page.entries.indices {
        places.append((BacktestPosition.of(page.entries[index].position), page, index))
      }
      count += page.entries.count
      next = following
    }
    var merged = EventPage()
    for (position, page, index) in places.sorted(by: { $0.position < $1.position }).prefix(limit) {
      merged.append(position: position, recorded: page.entries[index].recorded, json: page.json(index))
    }
    return merged
  }

  func events(ofType type: String?, before position: LogPosition, limit: Int) throws(LogFailure) -> EventPage
  {
    var last = EventPage()
    var next = LogPosition.start
    while true {
      let page = try page(ofType: type, from: next, limit: max(limit, 500))
      let earlier = page.entries.prefix { $0.position < position }.count
      var kept = EventPage()
      let all = [(last, last.entries.indices), (page, 0..<earlier)]
      let places = all.flatMap { page, indices in indices.map { (page: page, index: $0) } }
      for place in places.suffix(limit) {
        let entry = place.page.entries[place.index]
        let json = place.page.json(place.index)
        kept.append(position: entry.position, recorded: entry.recorded, json: json)
      }
      last = kept
      guard earlier == page.entries.count, let end = page.entries.last else { return last }
      next = end.position.next
    }
  }

  func eventTypes() throws(LogFailure) -> [String] { try recording.log.eventTypes() }

  func positions(ofID id: String) throws(LogFailure) -> [LogPosition] {
    try recording.log.positions(ofID: id).filter { $0 <= told }.map(BacktestPosition.of)
  }

  func wasImported(_ position: LogPosition) throws(LogFailure) -> Bool {
    guard BacktestPosition.isRecorded(position) else { return false }
    return try recording.log.wasImported(BacktestPosition.recorded(position))
  }

  func version(of stream: StreamName) throws(LogFailure) -> Int64 { try streams.version(of: stream) }

  func events(of stream: StreamName, after version: Int64, limit: Int) throws(LogFailure) -> EventPage {
    var (page, since) = try streams.events(of: stream, after: version, limit: limit)
    for position in since {
      guard let event = try stored(at: position) else { continue }
      page.append(position: position, recorded: event.recorded, json: event.json)
    }
    return page
  }

  func streams(of owner: String, after key: [UInt8]?, limit: Int) throws(LogFailure) -> [StreamVersion] {
    try streams.streams(of: owner, after: key, limit: limit)
  }

  func answer(to command: String, of owner: String) throws(LogFailure) -> [UInt8]? {
    try recording.log.answer(to: command, of: owner)
  }

  func position(source: String, id: String) throws(LogFailure) -> LogPosition? {
    try recording.log.position(source: source, id: id).flatMap { $0 <= told ? BacktestPosition.of($0) : nil }
  }

  func lastPosition() throws(LogFailure) -> LogPosition { last }

  func runs(after id: RunID, states: Set<RunState>, limit: Int) throws(LogFailure) -> [Run] {
    let all = runs.all.filter { $0.id > id && states.contains($0.state) }.sorted { $0.id < $1.id }
    return Array(all.prefix(limit))
  }

  func newestRuns(states: Set<RunState>, before id: RunID?, limit: Int) throws(LogFailure) -> [Run] {
    let all = runs.all.filter { run in states.contains(run.state) && id.map { run.id < $0 } ?? true }
    return Array(all.sorted { $0.id > $1.id }.prefix(limit))
  }

  func runs(of position: LogPosition) throws(LogFailure) -> [Run] {
    runs.all.filter { $0.branch == nil && ($0.position == position || $0.inputs.contains(position)) }
  }

  func pendingWork(of lane: LaneName, after id: RunID, limit: Int) throws(LogFailure) -> PendingWork {
    let all = runs.all.filter { $0.id > id && $0.state == .pending && $0.lane == lane }
    let found = all.sorted { $0.id < $1.id }.prefix(limit)
    return PendingWork(try work(of: found.map(\.id)), isAll: found.count < limit)
  }

  func pendingLanes() throws(LogFailure) -> Set<LaneName> {
    Set(runs.unordered.filter { $0.state == .pending }.map(\.lane))
  }

  func run(_ id: RunID) throws(LogFailure) -> Run? { runs[id] }

  func branches(of run: RunID, fork: Int, after place: Int, limit: Int) throws(LogFailure) -> [Run] {
    Array(runs.branches(of: run, fork: fork, after: place).prefix(limit))
  }

  /// What came to pass in runs is not asked of a backtest.
  func history(of run: RunID, limit: Int) throws(LogFailure) -> [HistoryEntry] { [] }

  func awaitedSites() throws(LogFailure) -> [AwaitedSite] {
    runs.sites.sorted { ($0.site, $0.rule, $0.revision) < ($1.site, $1.rule, $1.revision) }
  }

  func isAwaiting(_ run: RunID) throws(LogFailure) -> Bool { runs.awaited(by: run) != nil }

  func work(of ids: [RunID]) throws(LogFailure) -> [RunWork] {
    var found: [RunWork] = []
    for id in ids {
      guard let run = runs[id], let event = try stamped(run.position) else { continue }
      found.append(RunWork(run: run, event: event))
    }
    return found
  }

  func events(at positions: [LogPosition]) throws(LogFailure) -> [[UInt8]] {
    var found: [[UInt8]] = []
    for position in positions { if let event = try stamped(position) { found.append(event) } }
    return found
  }

  /// What became of single events is not asked of a backtest.
  func decisions(of position: LogPosition) throws(LogFailure) -> [Decision] { [] }

  func windows(of owner: String?, limit: Int) throws(LogFailure) -> [StoredWindow] {
    let all = windows.all.filter { owner == nil || $0.owner == owner }
    return Array(all.sorted { ($0.due, $0.id) < ($1.due, $1.id) }.prefix(limit))
  }

  func window(_ id: Int64) throws(LogFailure) -> StoredWindow? { windows[id] }

  func windowCounts() throws(LogFailure) -> [String: Int] {
    windows.all.reduce(into: [:]) { $0[$1.owner, default: 0] += 1 }
  }

  func nextWindowDue() throws(LogFailure) -> Timestamp? { windows.nextDue() }

  func oldestInWindows() throws(LogFailure) -> LogPosition? { windows.needed.min() }

  func clockReading() throws(LogFailure) -> SteadyClock.Reading? { clock.reading() }

  func interruptedRuns(limit: Int) throws(LogFailure) -> [Run] {
    Array(runs.all.lazy.filter { $0.state == .waiting && $0.interruptions > 0 }.prefix(limit))
  }

  func runsInWait(limit: Int) throws(LogFailure) -> [Run] {
    Array(runs.all.lazy.filter { $0.state == .queued || $0.state == .behind }.prefix(limit))
  }

  func dueRuns(at instant: Timestamp, limit: Int) throws(LogFailure) -> [Run] {
    runs.due(at: instant, limit: limit)
  }

  func nextDue() throws(LogFailure) -> Timestamp? { runs.nextDue() }

  func checkpoint(of source: String) -> any CheckpointReader { recording.log.checkpoint(of: source) }

  func close() async {}
}
