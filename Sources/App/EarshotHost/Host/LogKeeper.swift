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
  /// The texts of rules, which runs of older revisions need.
  static let keptTypes: Set<String> = ["earshot.rules.text", "earshot.rules.revision"]
  /// How long events may come before the log is looked at again.
  private static let pause = Duration.seconds(60)

  private struct State {
    var settings = HostSettings()
    var isLooking = false
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
    state.withLock { $0.settings = settings }
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
    let settings = state.withLock { state -> HostSettings? in
      guard !state.isLooking, !state.isClosed, state.settings != HostSettings() else { return nil }
      state.isLooking = true
      return state.settings
    }
    guard let settings else { return }
    // To forget takes many commits, and whoever rings must not wait for them.
    Task { [self] in
      do {
        try await keep(to: settings)
      } catch {
        if state.withLock({ !$0.isClosed }) { report("old events are not forgotten: \(error)") }
      }
      state.withLock { $0.isLooking = false }
    }
  }

  private func keep(to settings: HostSettings) async throws {
    if let keep = settings.keep {
      let limit = log.clock.reading().civil + (.zero - keep)
      let young = try log.firstPosition(from: limit)
      try await forget(before: young) { true }
      try awaitAge(keep, of: young)
    }
    guard let size = settings.maxSize, try log.size() > size else { return }
    // A little more than must be, so that not every event makes another one go.
    let aim = size - size / 20
    try await forget(before: log.lastPosition()) { [log] in try log.size() > aim }
    let isTooLarge = try log.size() > size
    let hasTold = state.withLock { state in
      defer { state.hasToldSize = isTooLarge }
      return state.hasToldSize
    }
    if isTooLarge, !hasTold {
      report("the log is larger than \(size) bytes, and what it holds is still needed")
    }
  }

  /// Forgets events before a position that no window needs, as long as more are to go.
  private func forget(before position: LogPosition, while isMore: () throws -> Bool) async throws {
    let needed = try log.oldestInWindows()
    let wish = Pruning(before: min(position, needed ?? position), keptTypes: Self.keptTypes)
    var count = 0
    while try isMore() {
      let outcome = try await log.submit(LogChange(pruning: wish)).pruned
      count += outcome?.events ?? 0
      if outcome?.isDone ?? true { break }
    }
    if count > 0 { report("\(count) old events are forgotten") }
  }

  /// Sees to it that the log is looked at when an event has reached its age.
  private func awaitAge(_ keep: Duration, of position: LogPosition) throws {
    guard let event = try log.events(from: position, limit: 1).entries.first else { return }
    let wait = event.recorded + keep - log.clock.reading().civil
    alarm.withLock { $0 }?.set(log.clock.now() + max(wait, Self.pause))
  }
}
