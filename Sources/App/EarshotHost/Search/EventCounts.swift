// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel

/// How many events a search finds, all together or by what they have in common.
struct EventCounts: Sendable {
  /// What is counted apart.
  enum Part: String, CaseIterable {
    case type, source, hour, day
  }

  private let part: Part?
  private var counts: [String: Int] = [:]
  private var unknown = 0
  /// At how many events was looked.
  private(set) var looked = 0
  /// Where the count goes on; nil when it is at its end.
  var next: LogPosition?

  /// Reads how a question wants events counted; nil when it wants the events themselves.
  init?(_ query: [String: String]) throws {
    part = try query["by"].map { name in
      guard let part = Part(rawValue: name) else {
        let known = Part.allCases.map(\.rawValue).joined(separator: ", ")
        throw LogQueries.Refusal(
          isMissing: false,
          description: "events are not counted by '\(name)': write one of \(known)"
        )
      }
      return part
    }
    guard part != nil || query["count"] == "true" else { return nil }
  }

  /// Counts a page; of events that were found by their type, only what is needed is read.
  mutating func count(_ page: EventPage, _ filter: EventFilter, isOfTheirType: Bool) {
    looked += page.entries.count
    let needsNoEvent = filter.isOfTypeOnly && (isOfTheirType || filter.type == nil)
    if needsNoEvent, part != .type, part != .source {
      for entry in page.entries { counts[time(entry.recorded), default: 0] += 1 }
      return
    }
    for index in page.entries.indices {
      guard let event = try? JSONDocument(Array(page.json(index))) else { continue }
      count(event, page, index, filter)
    }
  }

  private mutating func count(_ event: JSONDocument, _ page: EventPage, _ index: Int, _ filter: EventFilter) {
    switch filter.verdict(filter.readsStamps ? page.stamped(index) ?? event : event) {
    case .no: break
    case .unknown: unknown += 1
    case .yes:
      switch part {
      case .type: counts[event.root["type"]?.string ?? "", default: 0] += 1
      case .source: counts[event.root["source"]?.string ?? "", default: 0] += 1
      case .hour, .day, nil: counts[time(page.entries[index].recorded), default: 0] += 1
      }
    }
  }

  /// The hour or day of an instant, in UTC.
  private func time(_ instant: Timestamp) -> String {
    switch part {
    case .hour: String(instant.rfc3339.prefix(13)) + ":00Z"
    case .day: String(instant.rfc3339.prefix(10))
    case .type, .source, nil: ""
    }
  }

  var json: JSONValue {
    let name = part?.rawValue
    let rows = counts.sorted { $0.key < $1.key }.map { key, count -> JSONValue in
      let number = JSONValue.Member("count", .number("\(count)"))
      return .object(name.map { [.init($0, .string(key)), number] } ?? [number])
    }
    var members: [JSONValue.Member] = [
      .init("counts", .array(rows)), .init("without_value", .number("\(unknown)")),
    ]
    if let next { members.append(.init("next", .number(next.description))) }
    return .object(members)
  }
}

extension EventPage {
  /// An event as the world sees it.
  fileprivate func stamped(_ index: Int) -> JSONDocument? {
    var json: [UInt8] = []
    appendStamped(index, to: &json)
    return try? JSONDocument(json)
  }
}
