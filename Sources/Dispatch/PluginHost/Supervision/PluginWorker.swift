// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import PluginWire
import Processes
import Synchronization

/// One of a plugin's processes, one after another: does what its `PluginSlot` says.
final class PluginWorker: Sendable {
  private struct State {
    var slot: PluginSlot
    var process: PluginProcess?
    /// Counts the processes, so that what an earlier one still says is not taken for the present one's.
    var generation = 0
    /// What was due before the process was there: it may speak before its start has returned.
    var early: [PluginSlot.Effect] = []
    var onGone: [CheckedContinuation<Void, Never>] = []
  }

  private let executable: PluginFolder.Executable
  private let surroundings: PluginSupervisor.Surroundings
  private let finished: @Sendable ([RunOutcome]) -> Void
  private let state: Mutex<State>
  private let alarm: Mutex<Alarm?> = Mutex(nil)

  init(
    _ executable: PluginFolder.Executable,
    _ settings: PluginSlot.Settings,
    _ surroundings: PluginSupervisor.Surroundings,
    finished: @escaping @Sendable ([RunOutcome]) -> Void
  ) {
    self.executable = executable
    self.surroundings = surroundings
    self.finished = finished
    state = Mutex(State(slot: PluginSlot(settings)))
    alarm.withLock {
      $0 = Alarm(clock: surroundings.clock) { [weak self] in self?.change { $0.tick(at: $1, &$2) } }
    }
  }

  var load: Int { state.withLock { $0.slot.load } }

  func submit(_ runs: [PluginRun]) { change { $0.submit(runs, at: $1, &$2) } }

  func cancel(_ tickets: Set<UInt64>) { change { $0.cancel(tickets, at: $1, &$2) } }

  func close() { change { $0.close(at: $1, &$2) } }

  func waitUntilGone() async {
    await withCheckedContinuation { continuation in
      let isGone = state.withLock { state in
        if !state.slot.isGone { state.onGone.append(continuation) }
        return state.slot.isGone
      }
      if isGone { continuation.resume() }
    }
  }

  /// Tells the slot something and carries out what it says.
  private func change(
    of generation: Int? = nil,
    _ body: (inout PluginSlot, Timestamp, inout [PluginSlot.Effect]) -> Void
  ) {
    var effects: [PluginSlot.Effect] = []
    let now = surroundings.clock.now()
    let (deadline, gone) = state.withLock { state in
      guard generation == nil || generation == state.generation else {
        return (Timestamp?.none, [CheckedContinuation<Void, Never>]())
      }
      body(&state.slot, now, &effects)
      // Sent under the lock, so that what is sent keeps the order in which it was decided.
      for effect in effects { send(effect, &state) }
      defer { if state.slot.isGone { state.onGone = [] } }
      return (state.slot.nextDeadline, state.slot.isGone ? state.onGone : [])
    }
    for effect in effects { report(effect) }
    alarm.withLock { $0 }?.set(deadline)
    for continuation in gone { continuation.resume() }
  }

  private func send(_ effect: PluginSlot.Effect, _ state: inout State) {
    switch effect {
    case .start:
      state.generation += 1
      state.process = nil
      state.early = []
      start(generation: state.generation)
    case .send, .signal:
      if let process = state.process { Self.send(effect, to: process) } else { state.early.append(effect) }
    case .finish, .report: break
    }
  }

  private static func send(_ effect: PluginSlot.Effect, to process: PluginProcess) {
    switch effect {
    case .send(let bytes): process.send(bytes)
    case .signal(let number): process.signal(number)
    case .start, .finish, .report: break
    }
  }

  private func report(_ effect: PluginSlot.Effect) {
    switch effect {
    case .finish(let outcomes): finished(outcomes)
    case .report(let line): surroundings.report(line)
    case .start, .send, .signal: break
    }
  }

  private func start(generation: Int) {
    // Starting waits for the new process's thread, and nobody here may wait.
    Task {
      do throws(PluginFailure) {
        let process = try await PluginProcess.start(
          executable,
          starter: surroundings.starter,
          environment: surroundings.environment
        ) { [weak self] remark in self?.hear(remark, generation) }
        adopt(process, generation)
      } catch {
        change(of: generation) { $0.noteEnd("cannot be started: \(error.message)", at: $1, &$2) }
      }
    }
  }

  /// Lets the slot's words reach the process, and the signals that were due before it was there.
  private func adopt(_ process: PluginProcess, _ generation: Int) {
    state.withLock { state in
      guard state.generation == generation else { return process.signal(SIGKILL) }
      state.process = process
      for effect in state.early { Self.send(effect, to: process) }
      state.early = []
    }
  }

  private func hear(_ remark: PluginProcess.Remark, _ generation: Int) {
    switch remark {
    case .messages(let messages): change(of: generation) { $0.hear(messages, at: $1, &$2) }
    case .violation(let what): change(of: generation) { $0.noteViolation(what, &$2) }
    case .ended(let exit): change(of: generation) { $0.noteEnd("ended: \(exit)", at: $1, &$2) }
    case .log(let line): surroundings.report("\(executable.name): \(line)")
    }
  }
}
