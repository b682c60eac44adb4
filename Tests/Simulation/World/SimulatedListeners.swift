// SPDX-License-Identifier: Apache-2.0

import Dispatching
import DurableLog
import PluginWire

/// An attempt that is under way at a listener.
struct SimulatedAttempt {
  let ticket: UInt64
  let request: RunRequest
  let listener: String
  /// The run as the log had it when the attempt began.
  let run: Run

  var place: StepPlace { StepPlace(run: run.id, step: run.step) }
}

/// A step of a run.
struct StepPlace: Hashable {
  let run: RunID
  let step: Int
}

/// The listeners of one host: attempts last until the simulation ends them.
// Unchecked: a simulation is done by one thread.
final class SimulatedListeners: AttemptRunner, @unchecked Sendable {
  private(set) var open: [SimulatedAttempt] = []
  private let disk: InMemoryLog
  private let checks: AttemptChecks
  private let trace: Trace
  private var isGone = false

  init(_ disk: InMemoryLog, _ checks: AttemptChecks, _ trace: Trace) {
    self.disk = disk
    self.checks = checks
    self.trace = trace
  }

  func begin(_ attempts: [PluginRun], by listener: String) {
    guard !isGone else { return }
    for run in attempts {
      let (ticket, request) = (run.ticket, run.request)
      trace.note("attempt", Int64(ticket), Int64(request.attempt))
      guard let known = (try? disk.run(RunID(rawValue: Int64(ticket)))) ?? nil else {
        checks.fail("an attempt of run \(ticket) began, which the log does not know")
        continue
      }
      let attempt = SimulatedAttempt(ticket: ticket, request: request, listener: listener, run: known)
      checks.begin(attempt, beside: open)
      open.append(attempt)
    }
  }

  /// What is cancelled ends as anything else does.
  func cancel(_ tickets: [UInt64], by listener: String) {
    for ticket in tickets { trace.note("cancel attempt", Int64(ticket)) }
  }

  /// Takes one attempt out, to be told how it ended.
  func end(_ index: Int) -> SimulatedAttempt { open.remove(at: index) }

  /// Takes all attempts of a listener out: its plugin has died.
  func end(of listener: String) -> [SimulatedAttempt] {
    let lost = open.filter { $0.listener == listener }
    open.removeAll { $0.listener == listener }
    return lost
  }

  /// The host ends, and they with it.
  func die() {
    isGone = true
    open = []
  }
}
