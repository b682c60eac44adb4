// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Rules
import SQLiteLog
import Synchronization

/// Lets the log forget what is older, or more, than the settings say.
///
/// Looks once in a while as long as events come, and when the oldest event has reached its age; an idle host is not woken
/// for it. Safe to use from any thread.
final class LogKeeper: Sendable {
  /// How long events may come before the log is looked at again.
  private static let pause = Duration.seconds(60)

  private struct State {
    var settings = HostSettings()
    /// Whether the log has not been looked at since there are these settings.
    var isNew = false
    var isLooking = false
    var mustLookAgain = false
    var isClosed = false
    /// Whether it was told that the log is larger than it may be.
    var hasToldSize = false
  }

  private let log: SQLiteLog
  private let report: @Sendable (String) -> Void
  private let state = Mutex(State())
  private let isAwaited = Atomic(false)
  private let alarm = Mutex<Alarm?>(nil)

  init(_ log: SQLiteLog, report: @escaping @Sendable (String) -> Void) {
    self.log = log
    self.report = report
    alarm.withLock { $0 = Alarm(clock: log.clock) { [weak self] in self?.look() } }
  }

  /// Keeps to these settings from now on.
  func use(_ settings: HostSettings) {
    state.withLock { state in
      state.settings = settings
      state.isNew = true
    }
    look()
  }

  /// Looks no further.
  func close() {
    state.withLock { $0.isClosed = true }
    alarm.withLock { $0 }?.cancel()
  }

  /// Notes that the log has grown; costs next to nothing.
  func noteCommit() {
    guard !isAwaited.exchange(true, ordering: .relaxed) else { return }
    guard state.withLock({ $0.settings != HostSettings() }) else { return }
    alarm.withLock { $0 }?.set(log.clock.now() + Self.pause)
  }

  private func look() {
    isAwaited.store(false, ordering: .relaxed)
    let found = state.withLock { state -> (HostSettings, isNew: Bool)? in
      guard !state.isClosed, state.settings != HostSettings() else { return nil }
      // Whoever looks may have looked past what is asked for now.
      guard !state.isLooking else {
        state.mustLookAgain = true
        return nil
      }
      state.isLooking = true
      defer { state.isNew = false }
      return (state.settings, state.isNew)
    }
    guard let (settings, isNew) = found else { return }
    // To forget takes many commits, and whoever rings must not wait for them.
    Task { [self] in
      do {
        try await keep(to: settings, isNew: isNew)
      } catch {
        if state.withLock({ !$0.isClosed }) { report("old events are not forgotten: \(error)") }
      }
      let mustLookAgain = state.withLock { state in
        state.isLooking = false
        defer { state.mustLookAgain = false }
        return state.mustLookAgain
      }
      if mustLookAgain { look() }
    }
  }

  private func keep(to settings: HostSettings, isNew: Bool) async throws {
    let pass = try RetentionPass(log, settings, isNew: isNew, report: report)
    try await pass.run()
    if let age = try pass.nextAge() {
      alarm.withLock { $0 }?.set(log.clock.now() + max(age, Self.pause))
    }
    guard let size = settings.maxSize else { return }
    let isTooLarge = try log.size() > size
    let hasTold = state.withLock { state in
      defer { state.hasToldSize = isTooLarge }
      return state.hasToldSize
    }
    if isTooLarge, !hasTold {
      report("the log is larger than \(size) bytes, and what it holds is still needed")
    }
  }
}
