// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Rules

/// Which events a notice says were erased from the log.
///
/// What they have said may still be in tables that were made before.
struct ErasedEvents {
  /// How many notices are looked at, and how many events read, at a time.
  static let pageSize = 64

  /// Where the notice stands in the log: a table that was begun later has nothing of the events.
  let notice: LogPosition
  private let ranges: [ClosedRange<Int64>]

  /// Reads a notice; one that is not understood stands for all events before it.
  init(_ index: Int, of page: EventPage) {
    notice = page.entries[index].position
    let data = (try? JSONDocument(Array(page.json(index))))?.root["data"]
    let ranges = data?["ranges"]?.elements.compactMap { pair -> ClosedRange<Int64>? in
      let ends = pair.elements.compactMap(\.int).map(Int64.init)
      return ends.count == 2 && ends[0] <= ends[1] ? ends[0]...ends[1] : nil
    }
    self.ranges = ranges.flatMap { $0.isEmpty ? nil : $0 } ?? [1...notice.rawValue]
  }

  /// The views that may hold something of the events, by what is left of these: their types and sources.
  func views(among views: [ViewDefinition], _ log: any LogReading) throws -> Set<String> {
    var matcher = ViewMatcher(views, onlyTypeAndSource: true)
    var found: Set<String> = []
    for range in ranges {
      var next = range.lowerBound
      while next <= range.upperBound, found.count < views.count {
        let limit = Int(min(Int64(Self.pageSize), range.upperBound - next + 1))
        let page = try log.events(from: LogPosition(rawValue: next), limit: limit)
        guard let last = page.entries.last else { break }
        for index in page.entries.indices where page.entries[index].position.rawValue <= range.upperBound {
          for hit in matcher.hits(index, of: page) { found.insert(views[hit.view].id) }
        }
        next = last.position.rawValue + 1
      }
    }
    return found
  }
}

extension ViewWorker {
  /// Has tables built anew that may hold what was erased from the log.
  func heedErasures() throws {
    let page = try log.events(
      ofType: ErasureNotice.type,
      from: try database.value(of: .erasures).next,
      limit: ErasedEvents.pageSize
    )
    guard let last = page.entries.last else { return }
    try commit(tracks.filter(\.isUnwritten))
    let records = try ViewRecord.all(database.connection)
    var concerned: Set<String> = []
    for index in page.entries.indices {
      let erased = ErasedEvents(index, of: page)
      let named = try erased.views(among: views, log)
      // What an older definition has made of the events is not known.
      let old = Set(frozen.map(\.view))
      concerned.formUnion(
        records.filter { $0.target < erased.notice && (named.contains($0.view) || old.contains($0.view)) }
          .map(\.view)
      )
    }
    try replace(concerned, records, heeding: last.position)
    if page.entries.count == ErasedEvents.pageSize { try heedErasures() }
  }

  /// Removes from the disk what tables have held that are gone, once all tables are those that are wanted.
  func cleanUp() throws {
    guard try database.value(of: .unclean) != .start, !tracks.contains(where: \.record.isShadow) else {
      return
    }
    try database.rewrite()
    try database.connection.transaction { try database.set(.unclean, to: .start) }
    // The note itself is no secret, and what is in the write-ahead log behind it either.
    try database.truncate()
  }
}
