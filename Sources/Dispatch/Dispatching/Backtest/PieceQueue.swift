// SPDX-License-Identifier: Apache-2.0

import DequeModule
import Synchronization

/// Keeps pieces of work until whoever drives the engine has them done, one after another.
final class PieceQueue: WorkQueue {
  private let pieces = Mutex<Deque<@Sendable () -> Void>>([])

  func async(_ work: @escaping @Sendable () -> Void) { pieces.withLock { $0.append(work) } }

  /// Does all work, also that which comes of it.
  func drain() {
    while let next = pieces.withLock({ $0.popFirst() }) { next() }
  }
}
