// SPDX-License-Identifier: Apache-2.0

/// Steady time: looks like civil time, but never goes back and does not follow settings of the clock.
///
/// It goes on with the uptime. When it is made it stands at civil time, or goes on from where an earlier one stood: after
/// a restart, the time for which no host ran has passed as far as civil time tells, and if that was set back meanwhile,
/// none has. So a span that is open over restarts and settings of the clock ends when so much time has passed, as well
/// as can be known. Its resolution is the log's, a microsecond. Safe to use from any thread.
public final class SteadyClock: HostClock {
  /// A steady time and the civil time that there was with it.
  public struct Reading: Sendable, Hashable {
    /// The steady time.
    public let steady: Timestamp
    /// The civil time.
    public let civil: Timestamp

    /// Puts two times together.
    public init(steady: Timestamp, civil: Timestamp) {
      self.steady = steady
      self.civil = civil
    }

    /// By how much civil time is ahead of steady time.
    public var difference: Duration { civil - steady }
  }

  private let base: any HostClock
  private let start: Timestamp
  private let startUptime: Duration

  /// Makes a steady clock over another one, which goes on from an earlier reading, if there is one.
  public init(_ base: any HostClock, after last: Reading? = nil) {
    self.base = base
    startUptime = base.uptime()
    let civil = base.now()
    start = last.map { $0.steady + max(civil - $0.civil, .zero) } ?? civil
  }

  /// The steady time.
  public func now() -> Timestamp {
    Timestamp(microseconds: (start + (base.uptime() - startUptime)).microseconds)
  }

  /// Both times.
  public func reading() -> Reading { Reading(steady: now(), civil: base.now()) }

  /// Returns once the steady time has come.
  public func sleep(until instant: Timestamp) async throws {
    try await base.sleep(untilUptime: startUptime + (instant - start))
  }

  /// The uptime of the clock below.
  public func uptime() -> Duration { base.uptime() }

  /// Waits with the clock below.
  public func sleep(untilUptime uptime: Duration) async throws { try await base.sleep(untilUptime: uptime) }
}
