// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import EarshotHost
import EventModel

/// An instant as people name one in the past: by how long ago it is, or by itself.
enum PastInstant {
  /// The instant that a text names.
  static func of(_ text: String) throws -> Timestamp {
    guard let instant = Timestamp(text, before: SystemClock().now()) else {
      throw ValidationError(
        "'\(text)' is neither a duration such as 24h nor an instant such as 2026-01-31T07:00:00Z"
      )
    }
    return instant
  }
}
