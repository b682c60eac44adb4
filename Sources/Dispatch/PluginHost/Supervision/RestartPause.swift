// SPDX-License-Identifier: Apache-2.0

import EventModel

/// How long a plugin that keeps ending is left alone before it is started again.
///
/// The pause doubles with each end in a row. A process that has lived for `healthyLife` starts a new row.
struct RestartPause: Sendable, Hashable {
  static let first = Duration.milliseconds(100)
  static let longest = Duration.seconds(60)
  static let healthyLife = Duration.seconds(60)
  /// From so many ends in a row on, what waits is answered instead of kept waiting.
  static let patience = 5

  private(set) var endsInARow = 0

  /// Whether the plugin has ended so often that nothing should wait for it.
  var isHopeless: Bool { endsInARow >= Self.patience }

  /// Notes an end of a process that has lived for so long, and says how long to pause.
  mutating func noteEnd(after life: Duration) -> Duration {
    if life >= Self.healthyLife { endsInARow = 0 }
    endsInARow += 1
    return min(Self.first * (1 << min(endsInARow - 1, 20)), Self.longest)
  }
}
