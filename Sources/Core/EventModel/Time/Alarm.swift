// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Calls back once an instant has come.
///
/// Holds one instant at a time, the earliest that was asked for, so it may be set as often as one likes: only an
/// earlier instant costs anything. Whoever is called sets it again for what comes next. Safe to use from any thread.
public final class Alarm: Sendable {
  private struct State {
    var instant: Timestamp?
    var task: Task<Void, Never>?
  }

  private let clock: (any HostClock)?
  private let executor: (any TaskExecutor)?
  private let ring: @Sendable () -> Void
  private let state = Mutex(State())

  /// Makes an alarm that calls `ring` on an executor, by default a thread of the runtime; it must return quickly.
  public init(
    clock: any HostClock,
    on executor: (any TaskExecutor)? = nil,
    ring: @escaping @Sendable () -> Void
  ) {
    self.clock = clock
    self.executor = executor
    self.ring = ring
  }

  /// Makes an alarm that waits for nothing: whoever keeps the time asks when it is to ring, and has it ring then.
  public init(ring: @escaping @Sendable () -> Void) {
    clock = nil
    executor = nil
    self.ring = ring
  }

  /// When a call is to come.
  public var instant: Timestamp? { state.withLock { $0.instant } }

  /// Calls back at once, if a call is to come by now.
  public func ring(at now: Timestamp) {
    guard let instant, instant <= now else { return }
    elapsed(instant)
  }

  deinit { state.withLock { $0.task?.cancel() } }

  /// Asks for a call at an instant; does nothing when one will come earlier anyway, or for nil.
  public func set(_ instant: Timestamp?) {
    guard let instant else { return }
    state.withLock { state in
      if let known = state.instant, known <= instant { return }
      state.task?.cancel()
      state.instant = instant
      guard let clock else { return }
      // Waiting must not hold a thread, and what is waited for must be open to change.
      state.task = Task(executorPreference: executor) { [weak self] in
        guard (try? await clock.sleep(until: instant)) != nil else { return }
        self?.elapsed(instant)
      }
    }
  }

  /// Forgets the instant.
  public func cancel() {
    state.withLock { state in
      state.task?.cancel()
      state = State()
    }
  }

  private func elapsed(_ instant: Timestamp) {
    let isCurrent = state.withLock { state in
      guard state.instant == instant else { return false }
      state = State()
      return true
    }
    if isCurrent { ring() }
  }
}
