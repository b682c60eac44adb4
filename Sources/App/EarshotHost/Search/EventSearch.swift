// SPDX-License-Identifier: Apache-2.0

import DurableLog
public import EventModel

/// A search among the recorded events.
///
///     type, source, subject, correlation, where    which events (`EventFilter`)
///     from, to                                     positions, both included
///     since, until                                 times of recording, an instant or how long ago; `until` is not included
///     limit                                        how many events at most
///     order=ascending|newest                       the first ones, or the last ones; these unless `from` or `since` is given
///     paged=true                                   answers a part: {"events", "without_value", "next"?}
///     count=true, by=type|source|hour|day          answers a part with numbers: {"counts", "without_value", "next"?}
///
/// The answer is a list of events, ascending. A part looks at a bounded number of events; `next` is then given as `after` to
/// have the next part.
struct EventSearch: Sendable {
  /// At how many events one part looks.
  static let stride = 20_000
  /// How many bytes of events one part holds, but for its last event.
  static let partBytes = 4 << 20
  private static let pageSize = 500
  /// Types beyond this number are not looked up one by one.
  private static let mostTypes = 16
  private static let parameters: Set<String> = [
    "from", "to", "since", "until", "limit", "order", "paged", "count", "by", "after",
  ]

  let filter: EventFilter
  let isAscending: Bool
  private let first: LogPosition
  private let end: LogPosition
  private let types: [String]?
  private let limit: Int
  private let isPaged: Bool
  private let counting: EventCounts?

  /// Reads a question about a log.
  ///
  /// - Throws: `LogQueries.Refusal` for what is wrong with it.
  init(_ query: [String: String], _ log: any LogReading, now: Timestamp) throws {
    filter = try EventFilter(query, besides: Self.parameters)
    let from = try LogQueries.number(query, "from")
    let since = try Self.instant(query, "since", now)
    let until = try Self.instant(query, "until", now)
    var first = max(1, from ?? 1)
    var end = try LogQueries.number(query, "to").map { $0 + 1 } ?? (log.lastPosition().rawValue + 1)
    if let since { first = max(first, try log.firstPosition(from: since).rawValue) }
    if let until { end = min(end, try log.firstPosition(from: until).rawValue) }
    isAscending = try Self.isAscending(query, isUnlessSaid: from != nil || since != nil)
    if let after = try LogQueries.number(query, "after") {
      if isAscending { first = max(first, after) } else { end = min(end, after) }
    }
    (self.first, self.end) = (LogPosition(rawValue: first), LogPosition(rawValue: end))
    types = try Self.types(filter.type, log)
    let asked = try LogQueries.number(query, "limit") ?? Int64(LogQueries.standardLimit)
    limit = Int(min(asked, Int64(LogQueries.greatestLimit)))
    isPaged = query["paged"] == "true"
    counting = try EventCounts(query)
  }

  private static func isAscending(_ query: [String: String], isUnlessSaid: Bool) throws -> Bool {
    switch query["order"] {
    case nil: return query["count"] != nil || query["by"] != nil || isUnlessSaid
    case "ascending": return true
    case "newest": return false
    case let order?:
      throw LogQueries.Refusal(
        isMissing: false,
        description: "'\(order)' is no order: write ascending or newest"
      )
    }
  }

  /// An instant, or how long before now.
  private static func instant(_ query: [String: String], _ name: String, _ now: Timestamp) throws
    -> Timestamp?
  {
    guard let text = query[name] else { return nil }
    guard let instant = Timestamp(text, before: now) else {
      throw LogQueries.Refusal(
        isMissing: false,
        description: "'\(text)' is no time for '\(name)': write 24h, or 2026-01-31T07:00:00Z"
      )
    }
    return instant
  }

  /// The types by which the log finds the events; nil when it looks at all.
  private static func types(_ pattern: EventFilter.Pattern?, _ log: any LogReading) throws -> [String]? {
    guard let pattern else { return nil }
    guard pattern.isPrefix else { return [pattern.text] }
    let types = try log.eventTypes().filter(pattern.holds)
    return types.count <= mostTypes ? types : nil
  }

  /// Answers the question.
  func answer(_ log: any LogReading) throws -> JSONValue {
    if let counting { return try counted(log, counting).json }
    let part = try part(log)
    return isPaged ? part.json : .array(part.values)
  }

  /// The events that are found, or a part of them.
  func part(_ log: any LogReading) throws -> EventPart {
    var part = EventPart()
    var place = isAscending ? first : end
    while part.events.count < limit {
      let page = try candidates(log, place, limit: Self.pageSize)
      guard let last = isAscending ? page.entries.last : page.entries.first else { break }
      let isAll = filter.isOfTypeOnly && (filter.type == nil || types != nil)
      let found = isAll ? (page.stamped(), 0) : page.stamped(filter)
      let isFull = part.take(found, limit, isAscending: isAscending)
      part.looked += page.entries.count
      place = isAscending ? last.position.next : last.position
      guard isPaged, part.looked >= Self.stride || isFull else { continue }
      part.next = part.rest ?? place
      break
    }
    return part
  }

  private func counted(_ log: any LogReading, _ counting: EventCounts) throws -> EventCounts {
    var counts = counting
    var place = first
    while counts.looked < Self.stride {
      let page = try candidates(log, place, limit: Self.pageSize)
      guard let last = page.entries.last else { return counts }
      counts.count(page, filter, isOfTheirType: types != nil)
      place = last.position.next
    }
    counts.next = place
    return counts
  }

  /// Events among which are those that are asked for, behind or before a place.
  private func candidates(_ log: any LogReading, _ place: LogPosition, limit: Int) throws -> EventPage {
    guard first < end else { return EventPage() }
    let page =
      switch (types, isAscending) {
      case (nil, true): try log.events(from: place, limit: limit)
      case (nil, false): try log.events(ofType: nil, before: place, limit: limit)
      case (let types?, true): try TypedEvents(log, types).page(from: place, limit: limit)
      case (let types?, false): try TypedEvents(log, types).page(before: place, limit: limit)
      }
    return page.within(first..<end)
  }
}

extension Timestamp {
  /// An instant as RFC 3339 text, or how long before `now`; nil for any other text.
  public init?(_ text: String, before now: Timestamp) {
    if let span = DurationText.duration(of: text) {
      self = now + (.zero - span)
    } else if let instant = Timestamp(rfc3339: text) {
      self = instant
    } else {
      return nil
    }
  }
}

extension EventPage {
  /// The events whose positions are in a range.
  fileprivate func within(_ range: Range<LogPosition>) -> EventPage {
    guard !entries.allSatisfy({ range.contains($0.position) }) else { return self }
    var page = EventPage()
    for index in entries.indices where range.contains(entries[index].position) {
      page.append(position: entries[index].position, recorded: entries[index].recorded, json: json(index))
    }
    return page
  }
}
