// SPDX-License-Identifier: Apache-2.0

import Dispatch
public import DurableLog
public import EventModel

/// What a person may do with runs and windows.
extension Dispatcher {
  /// Tries dead runs again, from their current step; says for each whether it was dead.
  public func revive(_ runs: [Run]) async throws -> [Bool] {
    try await withCheckedThrowingContinuation { continuation in
      put(runs.map { ($0, .revive($0.id)) }) { continuation.resume(with: $0) }
    }
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
