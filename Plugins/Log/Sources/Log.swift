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
    // What is printed goes to standard error, which is the log.
    print(line(of: context.rule))
    return .done
  }

  /// One line: a line break in the message must not look like the start of another.
  func line(of rule: String) -> String {
    "\(rule): " + message.split(whereSeparator: \.isNewline).joined(separator: " ⏎ ")
  }
}
