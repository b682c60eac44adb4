// SPDX-License-Identifier: Apache-2.0

import PluginWire
import Synchronization

/// Gathers messages of many tasks and writes them one after another, as many as wait at once.
///
/// Whoever finds nobody writing writes for all, so no thread is kept for it.
final class Outbox: Sendable {
  private struct State {
    var waiting: [UInt8] = []
    var isWriting = false
  }

  private let state = Mutex(State())
  private let write: @Sendable ([UInt8]) -> Void

  init(write: @escaping @Sendable ([UInt8]) -> Void) { self.write = write }

  func send(_ message: PluginMessage) {
    let writes = state.withLock { state in
      message.append(to: &state.waiting)
      defer { state.isWriting = true }
      return !state.isWriting
    }
    while writes, let bytes = take() { write(bytes) }
  }

  /// What waits, or nil after which somebody else may write.
  private func take() -> [UInt8]? {
    state.withLock { state in
      guard !state.waiting.isEmpty else {
        state.isWriting = false
        return nil
      }
      defer { state.waiting = [] }
      return state.waiting
    }
  }
}
