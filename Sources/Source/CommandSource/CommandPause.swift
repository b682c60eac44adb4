// SPDX-License-Identifier: Apache-2.0

/// How long a program that should run all the time is left alone before it is started again.
///
/// The pause doubles with each failure in a row. A success, or a life of `healthyLife`, starts a new row.
struct CommandPause: Sendable, Hashable {
  static let longest = Duration.seconds(60)
  static let healthyLife = Duration.seconds(60)

  private let first: Duration
  private var failuresInARow = 0

  init(_ first: Duration) { self.first = first }

  mutating func next(after life: Duration, isFailure: Bool) -> Duration {
    failuresInARow = !isFailure ? 0 : life >= Self.healthyLife ? 1 : failuresInARow + 1
    return min(first * (1 << max(0, min(failuresInARow - 1, 20))), max(first, Self.longest))
  }
}
