// SPDX-License-Identifier: Apache-2.0

import DurableLog
import Synchronization

/// Lets those who want the same thing have it one after another, in the order in which they came.
final class ThingTurns: Sendable {
  /// How many may wait for one thing.
  static let most = 1024

  /// Who waits for a thing that somebody has; a thing that nobody has is not in it.
  private let waiting = Mutex<[StreamName: [CheckedContinuation<Void, Never>]]>([:])

  /// Returns when it is the caller's turn, which ends with `pass`; false, at once, when too many wait already.
  func take(_ thing: StreamName) async -> Bool {
    let isFull = waiting.withLock { $0[thing, default: []].count >= Self.most }
    guard !isFull else { return false }
    await withCheckedContinuation { continuation in
      let isFree = waiting.withLock { waiting in
        guard waiting[thing] != nil else {
          waiting[thing] = []
          return true
        }
        waiting[thing]?.append(continuation)
        return false
      }
      if isFree { continuation.resume() }
    }
    return true
  }

  /// Ends a turn.
  func pass(_ thing: StreamName) {
    let next = waiting.withLock { waiting -> CheckedContinuation<Void, Never>? in
      guard let all = waiting[thing], !all.isEmpty else {
        waiting[thing] = nil
        return nil
      }
      return waiting[thing]?.removeFirst()
    }
    next?.resume()
  }
}
