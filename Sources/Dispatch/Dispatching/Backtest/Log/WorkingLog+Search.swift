// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel

/// What people search for; the engine asks for none of it, so it is found by going through the events.
extension WorkingLog {
  private static let pageSize = 1000

  func events(ofType type: String?, before position: LogPosition, limit: Int) throws(LogFailure) -> EventPage
  {
    var last: [(entry: EventPage.Entry, json: [UInt8])] = []
    try forEach { page, index in
      let entry = page.entries[index]
      guard entry.position < position, type == nil || Self.text(page, index, "type") == type else { return }
      last.append((entry, Array(page.json(index))))
      if last.count >= 2 * max(1, limit) { last.removeFirst(last.count - limit) }
    }
    var found = EventPage()
    for event in last.suffix(limit) {
      found.append(position: event.entry.position, recorded: event.entry.recorded, json: event.json)
    }
    return found
  }

  func eventTypes() throws(LogFailure) -> [String] {
    var types: Set<String> = []
    try forEach { page, index in types.insert(Self.text(page, index, "type") ?? "") }
    return types.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  func positions(ofID id: String) throws(LogFailure) -> [LogPosition] {
    var found: [LogPosition] = []
    try forEach { page, index in
      if Self.text(page, index, "id") == id { found.append(page.entries[index].position) }
    }
    return found
  }

  func wasImported(_ position: LogPosition) throws(LogFailure) -> Bool {
    guard BacktestPosition.isRecorded(position) else { return false }
    return try recording.log.wasImported(BacktestPosition.recorded(position))
  }

  private func forEach(_ body: (EventPage, Int) -> Void) throws(LogFailure) {
    var next = LogPosition.start
    while true {
      let page = try events(from: next, limit: Self.pageSize)
      guard let last = page.entries.last else { return }
      for index in page.entries.indices { body(page, index) }
      next = last.position.next
    }
  }

  private static func text(_ page: EventPage, _ index: Int, _ attribute: String) -> String? {
    (try? JSONDocument(Array(page.json(index))))?.root[attribute]?.string
  }
}
