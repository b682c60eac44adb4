// SPDX-License-Identifier: Apache-2.0

/// The only way in which any part of the host learns the time or waits for it.
///
/// There are two times. Civil time is what people and other machines call the time; it may be set. Uptime only ever
/// goes on, also while the machine is suspended, and says nothing of the date. What is meant to happen at a time of day
/// goes by civil time, what is meant to last goes by uptime.
///
/// The real clock reads the system; tests and simulations move a clock by hand. All methods may be called
/// from any thread.
public protocol HostClock: Sendable {
  /// The present instant of civil time.
  func now() -> Timestamp

  /// Returns once `instant` has come, at once if it is past; follows settings of the clock.
  ///
  /// - Throws: `CancellationError` when the task is cancelled while waiting.
  func sleep(until instant: Timestamp) async throws

  /// The time since some instant that stays the same as long as the process lives.
  func uptime() -> Duration

  /// Returns once `uptime` has been reached, at once if it has been; does not follow settings of the clock.
  ///
  /// - Throws: `CancellationError` when the task is cancelled while waiting.
  func sleep(untilUptime uptime: Duration) async throws
}

/// The uptime of a clock that is never set is its civil time.
extension HostClock {
  /// The time since 1970.
  public func uptime() -> Duration { now() - Timestamp(seconds: 0) }

  /// Returns at the instant that lies so long after 1970.
  public func sleep(untilUptime uptime: Duration) async throws {
    try await sleep(until: Timestamp(seconds: 0) + uptime)
  }
}

extension HostClock {
  /// Returns after `duration`, whatever the clock is set to meanwhile.
  public func sleep(for duration: Duration) async throws {
    try await sleep(untilUptime: uptime() + duration)
  }
}
