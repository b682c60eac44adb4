// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A clock that moves only when it is told to, and then wakes whoever waits for the time that has come.
///
/// For trials of rules, simulations and tests.
public final class VirtualClock: HostClock {
  private struct State {
    var now: Timestamp
    var lastID = 0
    var sleepers: [Int: (instant: Timestamp, continuation: CheckedContinuation<Void, any Error>)] = [:]
    var watchers: [CheckedContinuation<Void, Never>] = []
  }

  private let state: Mutex<State>

  /// Makes a clock.
  public init(_ start: Timestamp = Timestamp(seconds: 1_000_000_000)) { state = Mutex(State(now: start)) }

  /// The instant to which the clock was moved last.
  public func now() -> Timestamp { state.withLock { $0.now } }

  /// Returns when the clock was moved to the instant or past it.
  public func sleep(until instant: Timestamp) async throws {
    let id = state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let (result, watchers): (Result<Void, any Error>?, [CheckedContinuation<Void, Never>]) =
          state.withLock { state in
            if Task.isCancelled { return (.failure(CancellationError()), []) }
            if instant <= state.now { return (.success(()), []) }
            state.sleepers[id] = (instant, continuation)
            defer { state.watchers = [] }
            return (nil, state.watchers)
          }
        for watcher in watchers { watcher.resume() }
        if let result { continuation.resume(with: result) }
      }
    } onCancel: {
      let sleeper = state.withLock { $0.sleepers.removeValue(forKey: id) }
      sleeper?.continuation.resume(throwing: CancellationError())
    }
  }

  /// Returns once somebody waits for the clock.
  public func waitForSleeper() async {
    await withCheckedContinuation { continuation in
      let isThere = state.withLock { state in
        if state.sleepers.isEmpty { state.watchers.append(continuation) }
        return !state.sleepers.isEmpty
      }
      if isThere { continuation.resume() }
    }
  }

  /// Moves the clock on.
  public func advance(by duration: Duration) {
    let due = state.withLock { state in
      state.now = state.now + duration
      let ids = state.sleepers.filter { $0.value.instant <= state.now }.map(\.key)
      return ids.compactMap { state.sleepers.removeValue(forKey: $0) }
    }
    for sleeper in due.sorted(by: { $0.instant < $1.instant }) { sleeper.continuation.resume() }
  }
}
