// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The machine's own clock.
public struct SystemClock: HostClock {
  /// Makes a clock.
  public init() {}

  /// The system's real-time clock.
  public func now() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(seconds: Int64(time.tv_sec), nanoseconds: Int32(time.tv_nsec))
  }

  /// Waits with a timer of the wall clock, which the kernel moves when that is set.
  ///
  /// Not by `Task.sleep`, whose deadline does not follow the wall clock.
  public func sleep(until instant: Timestamp) async throws {
    while now() < instant { try await SystemTimer(instant).wait() }
    try Task.checkCancellation()
  }

  /// The time since the machine was started, suspended time included.
  public func uptime() -> Duration {
    var time = timespec()
    #if canImport(Glibc)
      clock_gettime(CLOCK_BOOTTIME, &time)
    #else
      // Goes on while the machine sleeps, unlike that of Linux.
      clock_gettime(CLOCK_MONOTONIC, &time)
    #endif
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }

  /// Waits with two timers, of which each stands still where the other goes on: that of the wall clock counts suspended
  /// time but may be set back, the other one does not but cannot be set.
  public func sleep(untilUptime uptime: Duration) async throws {
    while true {
      let rest = uptime - self.uptime()
      guard rest > .zero else { break }
      try await SystemTimer(now() + rest, orAfter: rest).wait()
    }
    try Task.checkCancellation()
  }
}

/// One wait for an instant of the wall clock, or for some time.
// Unchecked: the timers may be used from any thread, but their type does not say so.
private final class SystemTimer: @unchecked Sendable {
  private struct State {
    var continuation: CheckedContinuation<Void, any Error>?
    var isOver = false
  }

  private static let queue = DispatchQueue(label: "earshot-clock")

  private let timers: [any DispatchSourceTimer]
  private let state = Mutex(State())

  init(_ instant: Timestamp, orAfter duration: Duration? = nil) {
    let timer = DispatchSource.makeTimerSource(queue: Self.queue)
    let time = timespec(tv_sec: Int(instant.seconds), tv_nsec: Int(instant.nanoseconds))
    timer.schedule(wallDeadline: DispatchWallTime(timespec: time))
    guard let duration else {
      timers = [timer]
      return
    }
    let second = DispatchSource.makeTimerSource(queue: Self.queue)
    let (seconds, attoseconds) = duration.components
    second.schedule(
      deadline: .now() + .seconds(Int(seconds)) + .nanoseconds(Int(attoseconds / 1_000_000_000))
    )
    timers = [timer, second]
  }

  /// Returns once the instant has come, or throws when the task is cancelled; to be called once.
  func wait() async throws {
    for timer in timers {
      timer.setEventHandler { [self] in end(nil) }
      // A source must run before it may be released.
      timer.resume()
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let isOver = state.withLock { state in
          if !state.isOver { state.continuation = continuation }
          return state.isOver
        }
        if isOver { continuation.resume(returning: ()) }
      }
    } onCancel: {
      end(CancellationError())
    }
    try Task.checkCancellation()
  }

  private func end(_ error: CancellationError?) {
    let continuation = state.withLock { state in
      defer { state = State(continuation: nil, isOver: true) }
      return state.continuation
    }
    // Also lets go of the handlers, which hold this object.
    for timer in timers { timer.cancel() }
    if let error { continuation?.resume(throwing: error) } else { continuation?.resume() }
  }
}
