// SPDX-License-Identifier: Apache-2.0

public import DurableLog
public import EventModel
import PluginWire
import Rules
import Synchronization

/// What a person may do with runs and windows.
extension Dispatcher {
  /// Tries dead runs again, from their current step; says for each whether it was dead.
  public func revive(_ runs: [Run]) async throws -> [Bool] {
    try await withCheckedThrowingContinuation { continuation in
      put(runs.map { ($0, .revive($0.id)) }, runs.map { entry(.retried, of: $0) }) {
        continuation.resume(with: $0)
      }
    }
  }

  /// Takes the steps of uncertain runs for done, without an output; says for each whether it was uncertain.
  public func confirm(_ runs: [Run]) async throws -> [Bool] {
    let changes = try surroundings.log.work(of: runs.map(\.id)).compactMap {
      work -> (run: Run, change: RunChange, entry: HistoryEntry?)? in
      guard work.run.state == .uncertain, let step = try step(of: work) else { return nil }
      var random = surroundings.random
      let settlement = settlement(of: step, .reply(.ack(output: nil, emit: [])), random: &random)
      let entry = entry(of: step, settlement.outcome, input: nil)
      guard case .advance(_, let next, _) = settlement.change else {
        return (work.run, settlement.change, entry)
      }
      var run = work.run
      run.listener = next.listener
      return (run, settlement.change, entry)
    }
    let isDone: [Bool] = try await withCheckedThrowingContinuation { continuation in
      put(changes.map { ($0.run, $0.change) }, changes.map(\.entry)) { continuation.resume(with: $0) }
    }
    let done = Set(zip(changes, isDone).filter(\.1).map(\.0.run.id))
    return runs.map { done.contains($0.id) }
  }

  /// Why a run does not go on from a step.
  public enum ResumeRefusal: Error, Hashable, Sendable {
    /// The run is a branch of that one.
    case branch(of: RunID)
    /// The rule of the run, in its revision, cannot be used any more.
    case lostRule
    /// The rule has no such step; these it has.
    case unknownStep([String])
    /// The step before it, of this id, has been taken back.
    case undone(String)
  }

  /// Has a run that ended without success go on from a step of this id; says whether its state allowed that.
  ///
  /// What came of the steps before it stays, and what came of it and later ones is as if they had never been made.
  public func resume(_ run: Run, from id: String) async throws -> Bool {
    if let branch = run.branch { throw ResumeRefusal.branch(of: branch.parent) }
    guard let work = try surroundings.log.work(of: [run.id]).first, let rule = try shelf.rule(of: run.names)
    else { throw ResumeRefusal.lostRule }
    let steps = rule.steps.filter { $0.compensates == nil }
    guard let index = rule.steps.firstIndex(where: { $0.id == id && $0.compensates == nil }) else {
      throw ResumeRefusal.unknownStep(steps.map(\.id))
    }
    if let undone = StepResults.undone(before: index, in: run.outputs) {
      throw ResumeRefusal.undone(rule.steps[undone].id)
    }
    // What was taken back is done anew, and not what was done before.
    let isAnew = StepResults.hasUndone(from: index, in: run.outputs)
    let outputs =
      isAnew
      ? StepResults.anew(from: index, in: run.outputs) : StepResults.before(index, in: run.outputs)
    let orders = orders.withLock { $0 }
    let step = CurrentStep(run: work.run, rule: rule, event: work.event)
    guard case .advance(_, let next, _) = step.goingOn(with: index, outputs, orders) else { return false }
    var resumed = run
    resumed.listener = next.listener
    var entry = entry(.retried, of: run)
    entry.step = id
    return try await withCheckedThrowingContinuation { continuation in
      put([(resumed, .resume(run.id, from: next, outputs: outputs))], [entry]) { result in
        continuation.resume(with: result.map { $0 == [true] })
      }
    }
  }

  /// Gives dead runs up; says for each whether it was dead.
  public func drop(_ runs: [Run]) async throws -> [Bool] {
    var change = LogChange()
    for run in runs { change.append(.drop(run.id), EventBatch(), entry(.dropped, of: run)) }
    return try await follow(change)
  }

  /// Cancels runs; says for each whether it was open.
  ///
  /// An attempt that has begun is asked to end, and the run is cancelled when it has.
  public func cancel(_ runs: [Run]) async throws -> [Bool] {
    var change = LogChange()
    for run in runs { change.append(.cancel(run.id), EventBatch(), entry(.cancelled, of: run)) }
    return try await follow(change)
  }

  /// Commits a change, and does what follows from it before anything else that is committed later.
  private func follow(_ change: LogChange) async throws -> [Bool] {
    try await withCheckedThrowingContinuation { continuation in
      surroundings.log.submit(change) { [self] result in
        if case .success(let receipt) = result {
          queue.async { [self] in
            note(receipt)
            goOn()
          }
        }
        continuation.resume(with: result.map(\.runChanges))
      }
    }
  }

  /// Lets waiting runs go on at once; says for each whether it waited.
  public func wake(_ runs: [Run]) async throws -> [Bool] {
    try await withCheckedThrowingContinuation { continuation in
      put(runs.map { ($0, .wake($0.id)) }) { continuation.resume(with: $0) }
    }
  }

  /// Lets waiting runs go on at another time; says for each whether it waited.
  public func postpone(_ runs: [(run: Run, due: Timestamp)]) async throws -> [Bool] {
    let changes = runs.map { RunChange.postpone($0.run.id, due: $0.due) }
    let results = try await surroundings.log.submit(LogChange(runs: changes)).runChanges
    passTime()
    return results
  }

  /// Does what a person wishes with windows; says for each whether the window was there.
  public func grant(_ wishes: [WindowWish]) async throws -> [Bool] {
    let results = try await surroundings.log.submit(LogChange(windows: wishes)).windows
    passTime()
    return results
  }
}
