// SPDX-License-Identifier: Apache-2.0

import DequeModule
import DurableLog
import EventModel

/// The events that a side has made itself, and those of listeners, as long as they may be needed.
struct MadeEvents {
  /// One of them.
  struct Event: Sendable {
    /// Its canonical form.
    let json: [UInt8]
    let recorded: Timestamp
    /// What stands for it on both sides.
    let identity: Fingerprint
    /// The recorded event that it goes back to.
    let root: LogPosition
    /// The recorded event that is the same.
    let counterpart: LogPosition?
  }

  private var events: [LogPosition: Event] = [:]
  private var order: Deque<LogPosition> = []
  /// Those that streams consist of.
  private var pinned: Set<LogPosition> = []

  subscript(position: LogPosition) -> Event? { events[position] }

  /// Adds an event behind all others.
  mutating func add(_ event: Event, at position: LogPosition) {
    events[position] = event
    order.append(position)
  }

  /// Keeps an event for as long as the backtest lasts.
  mutating func pin(_ position: LogPosition) { if events[position] != nil { pinned.insert(position) } }

  /// Forgets those before a position that are not kept.
  mutating func forget(before position: LogPosition) {
    while let first = order.first, first < position {
      order.removeFirst()
      if !pinned.contains(first) { events[first] = nil }
    }
  }

  /// Those from a position on, of one type if asked so, ascending, at most so many.
  func page(ofType type: String?, from position: LogPosition, limit: Int) -> EventPage {
    var (low, high) = (0, order.count)
    while low < high {
      let middle = (low + high) / 2
      if order[middle] < position { low = middle + 1 } else { high = middle }
    }
    var page = EventPage()
    for place in order[low...] where page.entries.count < limit {
      guard let event = events[place], type == nil || Self.type(of: event.json) == type else { continue }
      page.append(position: place, recorded: event.recorded, json: event.json)
    }
    return page
  }

  static func type(of json: [UInt8]) -> String? { (try? JSONDocument(json))?.root["type"]?.string }
}
