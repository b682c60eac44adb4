// SPDX-License-Identifier: Apache-2.0

import Foundation
import Processes
import Synchronization

/// The way to a plugin's standard input.
///
/// Writes at once what the pipe takes. For the rest, which there only is when the plugin reads slowly, a thread waits
/// until the pipe takes it, so no caller ever does. How much can wait is bounded by the runs that a plugin has open.
final class PluginInput: Sendable {
  private struct State {
    var waiting: [UInt8] = []
    var isDraining = false
    var isClosed = false
  }

  private let end: Descriptor
  private let state = Mutex(State())

  /// Writing to a plugin that has closed its input must not end the host; set once for the whole process.
  private static let ignoresBrokenPipes: Void = { signal(SIGPIPE, SIG_IGN) }()

  /// Takes over the end of a pipe.
  init(_ end: Descriptor) {
    Self.ignoresBrokenPipes
    self.end = end
    end.stopBlocking()
  }

  /// Sends bytes after all that were sent before; the plugin's end is noticed elsewhere.
  func send(_ bytes: [UInt8]) {
    let needsThread = state.withLock { state in
      guard !state.isClosed else { return false }
      if state.waiting.isEmpty { state.waiting = bytes } else { state.waiting += bytes }
      guard !state.isDraining else { return false }
      writeSome(&state)
      state.isDraining = !state.waiting.isEmpty
      return state.isDraining
    }
    if needsThread { drainOnThread() }
  }

  /// Ends the plugin's standard input.
  func close() {
    state.withLock { state in
      guard !state.isClosed else { return }
      state.isClosed = true
      state.waiting = []
      end.close()
    }
  }

  private func drainOnThread() {
    let thread = Thread { [self] in
      while state.withLock({ $0.isDraining }) {
        var request = pollfd(fd: end.number, events: Int16(POLLOUT), revents: 0)
        // With a limit, so that the end of the input is noticed.
        _ = poll(&request, 1, 1000)
        state.withLock { state in
          if !state.isClosed { writeSome(&state) }
          state.isDraining = !state.waiting.isEmpty
        }
      }
    }
    thread.stackSize = 256 << 10
    thread.name = "plugin-input"
    thread.start()
  }

  private func writeSome(_ state: inout State) {
    var written = 0
    defer {
      if written == state.waiting.count { state.waiting = [] } else { state.waiting.removeFirst(written) }
    }
    while written < state.waiting.count {
      let count = state.waiting.withUnsafeBytes { buffer in
        write(end.number, buffer.baseAddress.map { $0 + written }, buffer.count - written)
      }
      if count < 0, errno == EINTR { continue }
      if count < 0, errno != EAGAIN { written = state.waiting.count }
      guard count > 0 else { return }
      written += count
    }
  }
}
