// SPDX-License-Identifier: Apache-2.0

/// The only way in which any part of the host learns the time or waits for it.
///
/// The real clock reads the system; tests and simulations move a clock by hand. All methods may be called
/// from any thread.
public protocol HostClock: Sendable {
  /// The present instant of civil time.
  func now() -> Timestamp

  /// Returns once `instant` has come, at once if it is past; follows jumps of the wall clock.
  ///
  /// - Throws: `CancellationError` when the task is cancelled while waiting.
  func sleep(until instant: Timestamp) async throws
}

extension HostClock {
  /// Returns after `duration`.
  public func sleep(for duration: Duration) async throws {
    try await sleep(until: now() + duration)
  }
}
