// SPDX-License-Identifier: Apache-2.0

public import DurableLog
public import EventModel
import PluginWire

/// What a person may do with runs and windows.
extension Dispatcher {
  /// Tries dead runs again, from their current step; says for each whether it was dead.
  public func revive(_ runs: [Run]) async throws -> [Bool] {
    try await withCheckedThrowingContinuation { continuation in
      put(runs.map { ($0, .revive($0.id)) }) { continuation.resume(with: $0) }
    }
  }

  /// Takes the steps of uncertain runs for done, without an output; says for each whether it was uncertain.
  public func confirm(_ runs: [Run]) async throws -> [Bool] {
    let changes = try surroundings.log.work(of: runs.map(\.id)).compactMap {
      work -> (run: Run, change: RunChange)? in
      guard work.run.state == .uncertain, let step = try step(of: work) else { return nil }
      var random = surroundings.random
      let settlement = settlement(of: step, .reply(.ack(output: nil, emit: [])), random: &random)
      guard case .advance(_, let next, _) = settlement.change else { return (work.run, settlement.change) }
      var run = work.run
      run.listener = next.listener
      return (run, settlement.change)
    }
    let isDone: [Bool] = try await withCheckedThrowingContinuation { continuation in
      put(changes) { continuation.resume(with: $0) }
    }
    let done = Set(zip(changes, isDone).filter(\.1).map(\.0.run.id))
    return runs.map { done.contains($0.id) }
  }

  /// Gives dead runs up; says for each whether it was dead.
  public func drop(_ runs: [Run]) async throws -> [Bool] {
    try await surroundings.log.submit(LogChange(runs: runs.map { .drop($0.id) })).runChanges
  }

  /// Cancels runs; says for each whether it was open.
  ///
  /// An attempt that has begun is asked to end, and the run is cancelled when it has.
  public func cancel(_ runs: [Run]) async throws -> [Bool] {
    let receipt = try await surroundings.log.submit(LogChange(runs: runs.map { .cancel($0.id) }))
    queue.async { [self] in
      note(released: receipt.released)
      cancelAttempts(of: runs)
      goOn()
    }
    return receipt.runChanges
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
