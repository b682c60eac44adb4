// SPDX-License-Identifier: Apache-2.0

import Dispatching
import PluginWire
import Synchronization

/// Attempts that wait for a test to end them.
final class HeldAttempts: AttemptRunner {
  private let stream: AsyncStream<[PluginRun]>
  private let continuation: AsyncStream<[PluginRun]>.Continuation
  private let asked = Mutex<[UInt64]>([])
  private let cancellations: AsyncStream<Void>
  private let cancelled: AsyncStream<Void>.Continuation

  init() {
    (stream, continuation) = AsyncStream.makeStream()
    (cancellations, cancelled) = AsyncStream.makeStream()
  }

  func begin(_ attempts: [PluginRun], by listener: String) {
    continuation.yield(attempts)
  }

  func cancel(_ tickets: [UInt64], by listener: String) {
    asked.withLock { $0 += tickets }
    cancelled.yield()
  }

  func next() async -> [PluginRun] { await stream.first { _ in true } ?? [] }

  /// The next attempts that are to be cancelled.
  func nextCancelled() async -> [UInt64] {
    _ = await cancellations.first { _ in true }
    return asked.withLock { asked in
      defer { asked = [] }
      return asked
    }
  }
}
