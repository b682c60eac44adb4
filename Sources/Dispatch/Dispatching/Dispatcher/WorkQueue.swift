// SPDX-License-Identifier: Apache-2.0

import Dispatch

/// Does pieces of work one after another, in the order in which they were handed over.
///
/// Safe to use from any thread.
protocol WorkQueue: Sendable {
  /// Hands a piece of work over, and returns before it is done.
  func async(_ work: @escaping @Sendable () -> Void)
}

extension DispatchQueue: WorkQueue {
  func async(_ work: @escaping @Sendable () -> Void) { async(execute: work) }
}
