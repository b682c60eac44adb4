// SPDX-License-Identifier: Apache-2.0

import PluginWire

/// What listeners are asked for, in order for each of them.
struct ListenerRequests {
  /// The listeners in the order in which they were met, each with its attempts.
  private(set) var groups: [(listener: String, runs: [PluginRun])] = []
  private var places: [String: Int] = [:]
  /// The listener met last: the same one often comes many times in a row.
  private var last = 0

  /// Adds an attempt.
  mutating func append(_ run: PluginRun, for listener: String) {
    groups[place(of: listener)].runs.append(run)
  }

  private mutating func place(of listener: String) -> Int {
    if last < groups.count, groups[last].listener == listener { return last }
    if let known = places[listener] {
      last = known
    } else {
      last = groups.count
      places[listener] = last
      groups.append((listener, []))
    }
    return last
  }
}
