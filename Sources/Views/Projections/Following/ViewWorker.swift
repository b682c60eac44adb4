// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Failpoints
import Rules

/// Brings the tables of views to where the log is.
///
/// Belongs to the thread that follows. After a failure it is of no use any more: what is on disk is right, and another
/// worker goes on from there.
final class ViewWorker {
  /// How much one transaction takes.
  struct Batch {
    /// How many events are read at a time.
    var events = 512
    /// How many pages of them.
    var pages = 8
    /// With how many touched rows it ends at the next page.
    var rows = 20_000
  }

  private let batch: Batch
  let database: ViewDatabase
  let log: any LogReading
  private let report: @Sendable (String) -> Void
  private(set) var views: [ViewDefinition] = []
  private var matcher = ViewMatcher([])
  /// The tables that are on their way, those that answer and those that are to take their place.
  private(set) var tracks: [ViewTrack] = []
  /// The tables that answer until another one takes their place, and are not followed.
  private(set) var frozen: [ViewRecord] = []
  private let records: ViewStatement
  private let followers: ViewFollowers

  init(
    _ database: ViewDatabase,
    log: any LogReading,
    batch: Batch = Batch(),
    followers: ViewFollowers,
    report: @escaping @Sendable (String) -> Void
  ) throws(ViewFailure) {
    self.database = database
    self.log = log
    self.batch = batch
    self.report = report
    self.followers = followers
    records = try ViewRecord.writer(database.connection)
  }

  /// What is known of each view.
  var statuses: [ViewStatus] { ViewStatus.all(frozen + tracks.map(\.record)) }

  /// Makes tables what the definitions say: makes new ones, drops those of no view, begins to build anew what has changed.
  func use(_ views: [ViewDefinition]) throws {
    self.views = views
    matcher = ViewMatcher(views)
    let end = try log.lastPosition()
    let before = try ViewRecord.all(database.connection)
    var plan = ViewPlan(before, views, end: end)
    for record in before where plan.keeps(record) {
      guard let reason = try LogComparison(log).difference(record, end: end) else { continue }
      if record.isShadow { plan.restart(record.view) } else { plan.rebuild(record.view, reason) }
    }
    try database.connection.transaction { try carryOut(plan) }
    for line in plan.text { report(line) }
    frozen = plan.frozen
    tracks = try plan.followed.map { view, record in try ViewTrack(database.connection, view, record) }
  }

  /// Begins to build a view anew; false when there is no such view.
  func rebuild(_ name: String) throws -> Bool {
    guard views.contains(where: { $0.id == name }) else { return false }
    try commit(tracks.filter(\.isUnwritten))
    try replace([name], try ViewRecord.all(database.connection))
    return true
  }

  /// Begins to build views anew from the beginning; `position` is the last notice of an erasure that is heeded by it.
  func replace(_ names: Set<String>, _ records: [ViewRecord], heeding position: LogPosition? = nil) throws {
    var plan = ViewPlan(records, views, end: try log.lastPosition())
    for name in names.sorted() { plan.restart(name) }
    try database.connection.transaction {
      try carryOut(plan)
      guard let position else { return }
      try database.set(.erasures, to: position)
      if !names.isEmpty { try database.set(.unclean, to: position) }
    }
    tracks.removeAll { $0.record.isShadow && names.contains($0.view.id) }
    for (view, record) in plan.made { tracks.append(try ViewTrack(database.connection, view, record)) }
    if position != nil {
      for name in names.sorted() {
        report("the view '\(name)' is built anew: events were erased from the log")
      }
    }
  }

  /// Makes and drops tables, in a transaction of the caller's.
  private func carryOut(_ plan: ViewPlan) throws {
    for record in plan.dropped { try drop(record) }
    for (view, record) in plan.made {
      try ViewTable.create(
        database.connection,
        view,
        table: record.table,
        generation: record.generation
      )
      try record.write(records)
    }
  }

  /// Folds some more events into each table; false when all are where the log ends.
  func advance() throws -> Bool {
    try heedErasures()
    var isMore = false
    let groups = Dictionary(grouping: tracks.filter { !$0.record.isStopped }) { $0.record.position }
    for (position, group) in groups.sorted(by: { $0.key > $1.key }) {
      if try advance(group, from: position) { isMore = true }
    }
    try swap()
    try cleanUp()
    try database.checkpoint()
    return isMore
  }

  /// Writes down how far tables have come, and empties the write-ahead log.
  func finish() throws {
    try commit(tracks.filter(\.isUnwritten))
    try database.truncate()
  }

  /// Folds events into tables that are at the same position; false when the log ends there.
  private func advance(_ group: [ViewTrack], from position: LogPosition) throws -> Bool {
    var next = position.next
    var isMore = true
    for _ in 0..<batch.pages {
      let page = try log.events(from: next, limit: batch.events)
      for index in page.entries.indices { try fold(index, of: page, into: group) }
      isMore = page.isFull(batch.events)
      guard isMore, let last = page.entries.last else { break }
      next = last.position.next
      if group.reduce(0, { $0 + $1.touched }) > batch.rows { break }
    }
    try commit(group.filter(\.isDirty))
    try database.connection.endReading()
    return isMore
  }

  private func fold(_ index: Int, of page: EventPage, into group: [ViewTrack]) throws {
    let entry = page.entries[index]
    let hits = Array(matcher.hits(index, of: page))
    let event = hits.isEmpty ? nil : try page.content(index)
    if event != nil { try database.connection.beginReading() }
    for track in group where !track.record.isStopped {
      let entries = hits.lazy.filter { [views] in views[$0.view] === track.view }.map(\.entry)
      if let event, !entries.isEmpty {
        try track.fold(event, entries, entry)
        if track.record.isStopped { report(track.stopText) }
      } else {
        track.pass(entry)
      }
    }
  }

  func commit(_ dirty: [ViewTrack]) throws {
    guard !dirty.isEmpty else { return }
    try database.connection.transaction {
      for track in dirty { try track.write(records) }
      Failpoint.viewWritten.pass()
    }
    Failpoint.viewCommitted.pass()
    for track in dirty {
      if track.isJustBuilt, !track.record.isShadow { report(track.builtText) }
      if !followers.isEmpty, !track.record.isShadow { track.tell(followers) }
      track.committed()
    }
  }

  /// Has tables that are built take the place of others.
  private func swap() throws {
    for (index, track) in tracks.enumerated() where track.record.isShadow && isBuilt(track) {
      try commit([track].filter(\.isUnwritten))
      let record = track.record.renamed()
      try database.connection.transaction {
        try drop(table: record.table)
        try drop(recordOf: track.record.table)
        try database.connection.execute(
          "ALTER TABLE \(quoted(track.record.table)) RENAME TO \(quoted(record.table))"
        )
        try record.write(records)
        Failpoint.viewSwapped.pass()
      }
      report(track.builtText)
      frozen.removeAll { $0.view == track.view.id }
      let successor = try ViewTrack(database.connection, track.view, record)
      tracks[index] = successor
      tracks.removeAll { $0 !== successor && $0.view === track.view }
      return try swap()
    }
  }

  /// Whether a table has come to where it was to come, and is not behind the one that answers.
  private func isBuilt(_ track: ViewTrack) -> Bool {
    let others = tracks.filter { $0 !== track && $0.view === track.view }
    return !track.record.isStopped && track.record.position >= track.record.target
      && others.allSatisfy { $0.record.position <= track.record.position || $0.record.isStopped }
  }

  private func drop(_ record: ViewRecord) throws {
    try drop(table: record.table)
    try drop(recordOf: record.table)
  }

  private func drop(table: String) throws {
    try database.connection.execute("DROP TABLE IF EXISTS \(quoted(table))")
  }

  private func drop(recordOf table: String) throws {
    let statement = try database.connection.prepare("DELETE FROM earshot_view WHERE name = ?")
    statement.bind(1, table)
    try statement.run()
  }
}
