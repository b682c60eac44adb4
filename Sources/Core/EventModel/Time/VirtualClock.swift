// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A clock that moves only when it is told to, and then wakes whoever waits for the time that has come.
///
/// For trials of rules, simulations and tests.
public final class VirtualClock: HostClock {
  private enum Goal {
    case civil(Timestamp)
    case uptime(Duration)
  }

  private struct State {
    var now: Timestamp
    var uptime = Duration.zero
    var lastID = 0
    var sleepers: [Int: (goal: Goal, continuation: CheckedContinuation<Void, any Error>)] = [:]
    var watchers: [CheckedContinuation<Void, Never>] = []

    /// How long until something has come.
    func rest(_ goal: Goal) -> Duration {
      switch goal {
      case .civil(let instant): instant - now
      case .uptime(let duration): duration - uptime
      }
    }

    /// Takes out those whose time has come, the earliest first.
    mutating func wake() -> [CheckedContinuation<Void, any Error>] {
      if sleepers.isEmpty { return [] }
      let due = sleepers.filter { rest($0.value.goal) <= .zero }
      let order = due.map { (rest: rest($0.value.goal), id: $0.key) }.sorted { $0 < $1 }
      return order.compactMap { sleepers.removeValue(forKey: $0.id)?.continuation }
    }
  }

  private let state: Mutex<State>

  /// Makes a clock.
  public init(_ start: Timestamp = Timestamp(seconds: 1_000_000_000)) { state = Mutex(State(now: start)) }

  /// The instant to which the clock was moved last.
  public func now() -> Timestamp { state.withLock { $0.now } }

  /// For how long the clock was moved on.
  public func uptime() -> Duration { state.withLock { $0.uptime } }

  /// Returns when the clock was moved or set to the instant or past it.
  public func sleep(until instant: Timestamp) async throws { try await sleep(.civil(instant)) }

  /// Returns when the clock was moved on for so long in all.
  public func sleep(untilUptime uptime: Duration) async throws { try await sleep(.uptime(uptime)) }

  private func sleep(_ goal: Goal) async throws {
    let id = state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let (result, watchers): (Result<Void, any Error>?, [CheckedContinuation<Void, Never>]) =
          state.withLock { state in
            if Task.isCancelled { return (.failure(CancellationError()), []) }
            if state.rest(goal) <= .zero { return (.success(()), []) }
            state.sleepers[id] = (goal, continuation)
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
      state.uptime += duration
      return state.wake()
    }
    for sleeper in due { sleeper.resume() }
  }

  /// Sets civil time, as a person or a time service does; no time passes.
  public func set(by difference: Duration) {
    let due = state.withLock { state in
      state.now = state.now + difference
      return state.wake()
    }
    for sleeper in due { sleeper.resume() }
  }
}
