// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Rules
import Synchronization

/// What a log holds, as a backtest lets it happen again.
///
/// Read forward, a page ahead of what is told. What rules and the engine made themselves is left out, since each side makes it
/// anew. `read` belongs to one caller; all else may be asked from any thread.
final class Recording: Sendable {
  static let pageSize = 1000
  private static let keptPages = 8
  private static let mostInGroup = 500

  private struct State {
    var pages: [EventPage] = []
    var counterparts = Counterparts()
  }

  /// The cursor of the one who reads.
  struct Cursor {
    fileprivate var next: LogPosition
    fileprivate let end: LogPosition
    fileprivate var ahead: EventPage?
    fileprivate var last: Timestamp?
    fileprivate var intake: EventIntake
    /// The first event that was read.
    fileprivate(set) var first = LogPosition.start
    /// Up to where the log has been read.
    fileprivate(set) var position = LogPosition.start
  }

  let log: any LogReading
  let emitted: EmittedTypes
  private let state = Mutex(State())

  init(_ log: any LogReading, emitted: EmittedTypes) {
    self.log = log
    self.emitted = emitted
  }

  /// Begins to read at a position, up to another one.
  func begin(at position: LogPosition, through end: LogPosition, clock: any HostClock) -> Cursor {
    Cursor(
      next: position,
      end: end,
      intake: EventIntake(form: .cloudEvents, defaultSource: "earshot", clock: clock)
    )
  }

  /// The events of the next page, in groups; nil at the end.
  func read(_ cursor: inout Cursor) throws -> (groups: [RecordedGroup], events: Int)? {
    let page = try cursor.ahead ?? fetch(&cursor)
    guard let last = page.entries.last else { return nil }
    cursor.ahead = try fetch(&cursor)
    let groups = try groups(of: page, &cursor)
    if cursor.first == .start { cursor.first = page.entries[0].position }
    cursor.position = last.position
    return (groups, page.entries.count)
  }

  private func fetch(_ cursor: inout Cursor) throws(LogFailure) -> EventPage {
    let limit = min(Self.pageSize, Int(cursor.end.rawValue - cursor.next.rawValue) + 1)
    guard limit > 0 else { return EventPage() }
    let all = try log.events(from: cursor.next, limit: limit)
    var page = EventPage()
    for index in all.entries.indices where all.entries[index].position <= cursor.end {
      page.append(all, index)
    }
    if let last = page.entries.last { cursor.next = last.position.next }
    state.withLock { state in
      state.pages.append(page)
      if state.pages.count > Self.keptPages { state.pages.removeFirst() }
      state.counterparts.beginPage()
      for index in page.entries.indices { Self.note(page, index, &state.counterparts) }
    }
    return page
  }

  private static func note(_ page: EventPage, _ index: Int, _ counterparts: inout Counterparts) {
    guard let consequence = Consequence(page.json(index)) else { return }
    counterparts.note(
      cause: Fingerprint(consequence.cause.utf8),
      source: consequence.source.utf8,
      type: consequence.type.utf8,
      .init(position: page.entries[index].position, id: Array(consequence.id.utf8))
    )
  }

  private func groups(of page: EventPage, _ cursor: inout Cursor) throws -> [RecordedGroup] {
    var groups: [RecordedGroup] = []
    var index = 0
    while index < page.entries.count {
      let recorded = page.entries[index].recorded
      var end = index
      while end < page.entries.count, page.entries[end].recorded == recorded { end += 1 }
      var set: Duration?
      for entry in index..<end { set = set ?? Self.clockChange(page.json(entry)) }
      let (elapsed, change) = passed(to: recorded, from: cursor.last, set: set)
      cursor.last = recorded
      let first = groups.count
      for entry in index..<end { try add(page, entry, &groups, from: first, &cursor.intake) }
      // Also when nothing is told of what happened then, time has passed.
      if groups.count == first { groups.append(RecordedGroup(recorded: recorded)) }
      groups[first].elapsed = elapsed
      groups[first].clockChange = change
      index = end
    }
    return groups
  }

  /// How much time has passed, and by how much the clock was set.
  private func passed(to now: Timestamp, from last: Timestamp?, set: Duration?) -> (Duration, Duration) {
    guard let last, last != now else { return (.zero, .zero) }
    let elapsed = max(.zero, now - last - (set ?? .zero))
    return (elapsed, now - last - elapsed)
  }

  private func add(
    _ page: EventPage,
    _ entry: Int,
    _ groups: inout [RecordedGroup],
    from first: Int,
    _ intake: inout EventIntake
  ) throws {
    let json = page.json(entry)
    let place = page.entries[entry]
    var reply: RecordedGroup.Reply?
    switch Consequence.kind(json, emitted) {
    case .made: return
    case .reply(let found): reply = found
    case .external: break
    }
    let isFull =
      groups.count == first || groups[groups.count - 1].reply != nil || reply != nil
      || groups[groups.count - 1].positions.count >= Self.mostInGroup
    if isFull { groups.append(RecordedGroup(recorded: place.recorded, reply: reply)) }
    do { try intake.append(Array(json).span, to: &groups[groups.count - 1].batch) } catch {
      throw LogFailure(.corrupt, "the event at position \(place.position) is not valid: \(error)")
    }
    groups[groups.count - 1].positions.append(place.position)
  }

  /// By how much the clock was set, if an event tells of that.
  private static func clockChange(_ json: ArraySlice<UInt8>) -> Duration? {
    guard let notice = Consequence.ofHost(json, type: "earshot.clock.changed") else { return nil }
    return notice["data"]?["by_milliseconds"]?.int.map { .milliseconds($0) }
  }
}

/// What the sides ask.
extension Recording {
  /// A recorded event in its canonical form, and when it was recorded; nil when it is gone.
  func event(at position: LogPosition) throws(LogFailure) -> (json: [UInt8], recorded: Timestamp)? {
    try find(position).map { page, index in (Array(page.json(index)), page.entries[index].recorded) }
  }

  /// When an event was recorded.
  func time(of position: LogPosition) throws(LogFailure) -> Timestamp? {
    try find(position).map { page, index in page.entries[index].recorded }
  }

  private func find(_ position: LogPosition) throws(LogFailure) -> (page: EventPage, index: Int)? {
    let known = state.withLock { state -> (EventPage, Int)? in
      for page in state.pages.reversed() {
        guard let first = page.entries.first, let last = page.entries.last, first.position <= position,
          position <= last.position
        else { continue }
        return page.index(of: position).map { (page, $0) }
      }
      return nil
    }
    if let known { return known }
    let page = try log.events(from: position, limit: 1)
    return page.entries.first?.position == position ? (page, 0) : nil
  }

  /// Recorded events that both sides have been told of, from a position on, of one type if asked so; and where to go on, if there may
  /// be more.
  func told(
    ofType type: String?,
    from position: LogPosition,
    through end: LogPosition,
    limit: Int
  ) throws(LogFailure) -> (page: EventPage, next: LogPosition?) {
    let all =
      if let type { try log.events(ofType: type, from: position, limit: limit) } else {
        try log.events(from: position, limit: limit)
      }
    var page = EventPage()
    for index in all.entries.indices where all.entries[index].position <= end {
      if case .external = Consequence.kind(all.json(index), emitted) { page.append(all, index) }
    }
    guard let last = all.entries.last, all.isFull(limit), last.position < end else {
      return (page, nil)
    }
    return (page, last.position.next)
  }

  /// The recorded event of a name.
  func counterpart(_ name: Fingerprint) -> Counterparts.Recorded? { state.withLock { $0.counterparts[name] } }
}

extension EventPage {
  /// Adds an event of another page.
  mutating func append(_ page: EventPage, _ index: Int) {
    let entry = page.entries[index]
    append(position: entry.position, recorded: entry.recorded, json: page.json(index))
  }

  /// The index of the event at a position.
  fileprivate func index(of position: LogPosition) -> Int? {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].position < position { low = middle + 1 } else { high = middle }
    }
    return low < entries.count && entries[low].position == position ? low : nil
  }
}
