// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel

/// The events of some types in the order of their positions, found by their types.
struct TypedEvents {
  private let log: any LogReading
  private let types: [String]

  init(_ log: any LogReading, _ types: [String]) {
    self.log = log
    self.types = types
  }

  /// Those from a position on, at most so many; none only when there is none.
  func page(from position: LogPosition, limit: Int) throws -> EventPage {
    let pages = try types.map { try log.events(ofType: $0, from: position, limit: share(limit)) }
    // A page says nothing of what is behind its last event.
    let end = pages.compactMap(\.entries.last?.position).min()
    return Self.merged(pages) { position in end.map { position <= $0 } ?? true }
  }

  /// Those before a position, likewise the last ones.
  func page(before position: LogPosition, limit: Int) throws -> EventPage {
    let pages = try types.map { try log.events(ofType: $0, before: position, limit: share(limit)) }
    let start = pages.compactMap(\.entries.first?.position).max()
    return Self.merged(pages) { position in start.map { position >= $0 } ?? true }
  }

  private func share(_ limit: Int) -> Int { max(1, limit / max(1, types.count)) }

  private static func merged(_ pages: [EventPage], where isKnown: (LogPosition) -> Bool) -> EventPage {
    if pages.count == 1 { return pages[0] }
    let places = pages.indices.flatMap { page in
      pages[page].entries.indices.map { (position: pages[page].entries[$0].position, page: page, index: $0) }
    }
    var merged = EventPage()
    for place in places.sorted(by: { $0.position < $1.position }) where isKnown(place.position) {
      let page = pages[place.page]
      merged.append(
        position: place.position,
        recorded: page.entries[place.index].recorded,
        json: page.json(place.index)
      )
    }
    return merged
  }
}
