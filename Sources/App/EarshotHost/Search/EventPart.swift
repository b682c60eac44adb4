// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel

/// A part of the events that a search finds.
struct EventPart {
  private(set) var events: [(position: LogPosition, json: [UInt8])] = []
  /// How many events the condition has no value for.
  private(set) var unknown = 0
  /// At how many events was looked.
  var looked = 0
  /// Where the search goes on; nil when it is at its end.
  var next: LogPosition?
  /// Where it goes on when something of the last page was left out.
  private(set) var rest: LogPosition?
  private var bytes = 0

  /// Takes what was found in a page, up to a limit; true when the part is to end.
  mutating func take(
    _ page: (found: [(position: LogPosition, json: [UInt8])], unknown: Int),
    _ limit: Int,
    isAscending: Bool
  ) -> Bool {
    unknown += page.unknown
    var taken: [(position: LogPosition, json: [UInt8])] = []
    let ordered = isAscending ? page.found : page.found.reversed()
    for event in ordered {
      guard events.count + taken.count < limit, bytes < EventSearch.partBytes else {
        rest = isAscending ? event.position : event.position.next
        break
      }
      taken.append(event)
      bytes += event.json.count
    }
    events = isAscending ? events + taken : taken.reversed() + events
    return rest != nil || events.count >= limit || bytes >= EventSearch.partBytes
  }

  var values: [JSONValue] { events.compactMap { try? JSONValue(json: $0.json, limits: .stored) } }

  var json: JSONValue {
    var members: [JSONValue.Member] = [
      .init("events", .array(values)), .init("without_value", .number("\(unknown)")),
    ]
    if let next { members.append(.init("next", .number(next.description))) }
    return .object(members)
  }
}
