// SPDX-License-Identifier: Apache-2.0

import ListenerSDK

/// Writes lines to the host's log.
@main struct Log: Listener {
  static let actions = [
    action("write", Write.self, summary: "Writes a line to the host's log.", effects: .idempotent)
  ]
}

/// A line for the host's log.
struct Write: Action {
  let message: String

  func run(_ context: ActionContext) async throws -> ActionResult {
    // Standard error is the log; a line break in the message must not look like a line of its own.
    let line = message.split(whereSeparator: \.isNewline).joined(separator: " ⏎ ")
    print("\(context.rule): \(line)")
    return .done
  }
}
