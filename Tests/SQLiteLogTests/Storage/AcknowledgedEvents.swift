// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel

/// The events that a log has said it holds, whatever can be read of it then.
struct AcknowledgedEvents {
  private var identities: [(source: String, id: String)] = []

  /// Notes that a change was answered with success.
  mutating func note(_ change: LogChange) {
    let events = change.events
    for entry in events.entries {
      let source = String(decoding: events.bytes[entry.source], as: UTF8.self)
      identities.append((source, String(decoding: events.bytes[entry.id], as: UTF8.self)))
    }
  }

  /// Those that a log does not hold.
  func missing(in log: any LogReading) throws -> [String] {
    try identities.filter { try log.position(source: $0.source, id: $0.id) == nil }.map(\.id)
  }
}
