// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Synchronization

/// The connections that are open, so that they can be brought to an end.
final class OpenConnections: Sendable {
  private struct State {
    var channels: [ObjectIdentifier: any Channel] = [:]
    var end: EventLoopPromise<Void>?
  }

  private let state = Mutex(State())

  /// Notes a connection until it is closed.
  func add(_ channel: any Channel) {
    let id = ObjectIdentifier(channel)
    let isEnding = state.withLock { state in
      state.channels[id] = channel
      return state.end != nil
    }
    channel.closeFuture.whenComplete { _ in self.remove(id) }
    if isEnding { channel.close(promise: nil) }
  }

  private func remove(_ id: ObjectIdentifier) {
    let end = state.withLock { state in
      state.channels[id] = nil
      return state.channels.isEmpty ? state.end : nil
    }
    end?.succeed()
  }

  /// Lets every connection answer what is under way, and returns when all are closed; those that need longer than
  /// `grace` are cut.
  func end(on loop: any EventLoop, grace: TimeAmount) async throws {
    let promise = loop.makePromise(of: Void.self)
    let open = state.withLock { state in
      state.end = promise
      return Array(state.channels.values)
    }
    if open.isEmpty { promise.succeed() }
    for channel in open { channel.pipeline.fireUserInboundEventTriggered(EventConnection.Quiesce()) }
    let deadline = loop.scheduleTask(in: grace) {
      for channel in self.state.withLock({ Array($0.channels.values) }) { channel.close(promise: nil) }
    }
    try await promise.futureResult.get()
    deadline.cancel()
  }
}
