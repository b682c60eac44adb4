// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import EventModel

/// An instant as people name one in the past: by how long ago it is, or by itself.
enum PastInstant {
  /// The instant that a text names.
  static func of(_ text: String) throws -> Timestamp {
    if let span = DurationText.duration(of: text) { return SystemClock().now() + (.zero - span) }
    guard let instant = Timestamp(rfc3339: text) else {
      throw ValidationError(
        "'\(text)' is neither a duration such as 24h nor an instant such as 2026-01-31T07:00:00Z"
      )
    }
    return instant
  }
}
