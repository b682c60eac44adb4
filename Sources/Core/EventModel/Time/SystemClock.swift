// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The machine's own clock.
public struct SystemClock: HostClock {
  /// The longest uninterrupted wait: a jump of the wall clock is noticed within this time.
  private static let slice = Duration.seconds(60)

  /// Makes a clock.
  public init() {}

  /// The system's real-time clock.
  public func now() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(seconds: Int64(time.tv_sec), nanoseconds: Int32(time.tv_nsec))
  }

  /// Waits in slices, since the runtime's timers do not follow the wall clock.
  public func sleep(until instant: Timestamp) async throws {
    while true {
      let rest = instant - now()
      guard rest > .zero else { return }
      try await Task.sleep(for: min(rest, Self.slice))
    }
  }
}
