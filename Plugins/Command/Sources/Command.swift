// SPDX-License-Identifier: Apache-2.0

import ListenerSDK

/// Runs programs.
///
/// A program is started with the words that it is given; there is no shell between, so nothing in an event can
/// become a command.
@main struct Command: Listener {
  static let actions = [
    action("run", Run.self, summary: "Runs a program to its end.", effects: .irreversible, writes: ["writes"])
  ]
}
