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
    while now() < instant { try await WallTimer(instant).wait() }
    try Task.checkCancellation()
  }
}

/// One wait for an instant of the wall clock.
// Unchecked: the timer may be used from any thread, but its type does not say so.
private final class WallTimer: @unchecked Sendable {
  private struct State {
    var continuation: CheckedContinuation<Void, any Error>?
    var isOver = false
  }

  private static let queue = DispatchQueue(label: "earshot-clock")

  private let timer = DispatchSource.makeTimerSource(queue: queue)
  private let state = Mutex(State())

  init(_ instant: Timestamp) {
    let time = timespec(tv_sec: Int(instant.seconds), tv_nsec: Int(instant.nanoseconds))
    timer.schedule(wallDeadline: DispatchWallTime(timespec: time))
  }

  /// Returns once the instant has come, or throws when the task is cancelled; to be called once.
  func wait() async throws {
    timer.setEventHandler { [self] in end(nil) }
    // A source must run before it may be released.
    timer.resume()
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
    // Also lets go of the handler, which holds this object.
    timer.cancel()
    if let error { continuation?.resume(throwing: error) } else { continuation?.resume() }
  }
}
