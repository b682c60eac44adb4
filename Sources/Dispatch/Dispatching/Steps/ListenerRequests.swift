// SPDX-License-Identifier: Apache-2.0

import PluginWire

/// What listeners are asked for, in order for each of them.
struct ListenerRequests {
  /// The listeners in the order in which they were met, each with its attempts.
  private(set) var groups: [(listener: String, runs: [PluginRun])] = []

  /// Adds an attempt.
  mutating func append(_ run: PluginRun, for listener: String) {
    // There are few listeners, and mostly it is the last one.
    if let place = groups.lastIndex(where: { $0.listener == listener }) {
      groups[place].runs.append(run)
    } else {
      groups.append((listener, [run]))
    }
  }
}
