// SPDX-License-Identifier: Apache-2.0

public import DurableLog
public import EventModel
public import Rules

/// What a view was at an earlier position: the log folded anew up to there, away from the tables.
public struct PastView: Sendable {
  /// What was found.
  public struct Answer: Sendable, Hashable {
    /// The event up to which rows are made; before the one asked for if the view stops earlier.
    public let position: LogPosition
    /// The rows by their keys.
    public let rows: [JSONValue]
    /// How many events could not be folded.
    public let errors: Int64
    /// How many events the log has forgotten, which are missing.
    public let forgotten: Int64
  }

  private static let pageSize = 512
  private static let greatestRows = 20_000

  private let view: ViewDefinition
  private let log: any LogReading
  private let progress: @Sendable (LogPosition) throws -> Void

  /// Looks into the past of a view; `progress` is called now and then, and ends the work by an error.
  public init(
    _ view: ViewDefinition,
    log: any LogReading,
    progress: @escaping @Sendable (LogPosition) throws -> Void = { _ in }
  ) {
    self.view = view
    self.log = log
    self.progress = progress
  }

  /// The rows as they were after the event at `position`: one of them, or those behind a key.
  public func answer(
    at position: LogPosition,
    key: String? = nil,
    after: String? = nil,
    limit: Int
  ) throws -> Answer {
    if let key, let answer = try answer(at: position, onlyKey: key) { return answer }
    return try answerOfAll(at: position, key: key, after: after, limit: limit)
  }

  /// Folds only what concerns one row, in memory; nil when other rows matter to it.
  private func answer(at position: LogPosition, onlyKey key: String) throws -> Answer? {
    // A view that stops at any event stops for all rows.
    guard view.onError == .skip else { return nil }
    let wanted = RowKey(Array(key.utf8))
    let fold = ViewFold(view: view)
    var rows = FewRows()
    var count = GapCount()
    var errors: Int64 = 0
    let isWhole = try forEachEvent(to: position) { page, index, entries in
      count.pass(page.entries[index])
      guard !entries.isEmpty, let event = try page.content(index) else { return true }
      // Of an event that changes several rows, all changes happen or none.
      guard entries.count == 1 else { return false }
      let failure = try fold.fold(event, entries: entries, into: &rows) { $0 == wanted }
      if failure != nil { errors += 1 }
      return true
    }
    guard isWhole else { return nil }
    let row = rows.rows[wanted].map { ViewRows.json(key, $0, view.columns.map(\.name)) }
    return Answer(
      position: position,
      rows: row.map { [$0] } ?? [],
      errors: errors,
      forgotten: count.forgotten
    )
  }

  /// Folds the whole view, in a database that goes with the answer.
  private func answerOfAll(
    at position: LogPosition,
    key: String?,
    after: String?,
    limit: Int
  ) throws -> Answer {
    let connection = try ViewConnection(path: "", .temporary)
    try connection.execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -16384")
    try connection.execute(ViewRecord.schema)
    try ViewTable.create(connection, view, table: view.id, generation: 1)
    let records = try ViewRecord.writer(connection)
    let record = ViewRecord(view, table: view.id, generation: 1, target: position)
    let track = try ViewTrack(connection, view, record)
    func write() throws {
      try connection.transaction { try track.write(records) }
      track.committed()
    }
    _ = try forEachEvent(to: position) { page, index, entries in
      if !entries.isEmpty, let event = try page.content(index) {
        try track.fold(event, entries, page.entries[index])
      } else {
        track.pass(page.entries[index])
      }
      if track.touched > Self.greatestRows { try write() }
      return !track.record.isStopped
    }
    try write()
    return Answer(
      position: track.record.isStopped ? track.record.position : position,
      rows: try ViewRows.read(connection, track.record, key: key, after: after, limit: limit),
      errors: track.record.errors,
      forgotten: track.record.forgotten
    )
  }

  /// Calls `body` with each event up to a position and the entries that it matches, until it returns false.
  private func forEachEvent(
    to end: LogPosition,
    _ body: (EventPage, Int, [Int]) throws -> Bool
  ) throws -> Bool {
    var matcher = ViewMatcher([view])
    var next = LogPosition(rawValue: 1)
    while next <= end {
      let page = try log.events(from: next, limit: Self.pageSize)
      guard let last = page.entries.last else { break }
      for index in page.entries.indices where page.entries[index].position <= end {
        guard try body(page, index, matcher.hits(index, of: page).map(\.entry)) else { return false }
      }
      try progress(last.position)
      next = last.position.next
    }
    return true
  }
}

/// The rows of a view that are looked at, in memory.
private struct FewRows: RowStore {
  private(set) var rows: [RowKey: ViewRow] = [:]

  mutating func row(_ key: RowKey) -> ViewRow? { rows[key] }

  mutating func put(_ key: RowKey, _ row: ViewRow?, changed: ColumnSet) { rows[key] = row }
}

/// Counts the events that are missing in a log.
private struct GapCount {
  private var position = LogPosition.start
  private(set) var forgotten: Int64 = 0

  mutating func pass(_ entry: EventPage.Entry) {
    forgotten += entry.position.rawValue - position.rawValue - 1
    position = entry.position
  }
}
