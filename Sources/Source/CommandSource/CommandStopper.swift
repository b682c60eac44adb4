// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Processes
import Synchronization

/// Ends a program politely, then not.
final class CommandStopper: Sendable {
  private struct State {
    var isStopping = false
    var isTimedOut = false
  }

  private let process: any RunningProcess
  private let clock: any HostClock
  private let grace: Duration
  private let kill: Alarm
  private let timeouts = Mutex<Alarm?>(nil)
  private let state = Mutex(State())

  init(_ process: any RunningProcess, clock: any HostClock, grace: Duration) {
    self.process = process
    self.clock = clock
    self.grace = grace
    kill = Alarm(clock: clock) { process.signal(SIGKILL) }
  }

  /// Whether the program was stopped because its time was over.
  var isTimedOut: Bool { state.withLock { $0.isTimedOut } }

  /// Sends SIGTERM now and SIGKILL after the grace time.
  func stop() {
    let isFirst = state.withLock { state in
      defer { state.isStopping = true }
      return !state.isStopping
    }
    guard isFirst else { return }
    process.signal(SIGTERM)
    kill.set(clock.now() + grace)
  }

  /// Stops the program when it takes longer than `timeout`.
  func stop(after timeout: Duration) {
    let alarm = Alarm(clock: clock) { [weak self] in
      self?.state.withLock { $0.isTimedOut = true }
      self?.stop()
    }
    alarm.set(clock.now() + timeout)
    timeouts.withLock { $0 = alarm }
  }

  /// The program has ended.
  func forget() {
    kill.cancel()
    timeouts.withLock { $0?.cancel() }
  }
}
