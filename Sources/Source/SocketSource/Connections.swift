// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Synchronization

/// The open connections of one socket.
final class Connections: Sendable {
  private let channels = Mutex<[ObjectIdentifier: any Channel]>([:])

  func add(_ channel: any Channel) { channels.withLock { $0[ObjectIdentifier(channel)] = channel } }

  func remove(_ channel: any Channel) { channels.withLock { $0[ObjectIdentifier(channel)] = nil } }

  /// Lets every connection answer what it has read, and closes it.
  func drain() async {
    let open = channels.withLock { Array($0.values) }
    for channel in open { channel.pipeline.fireUserInboundEventTriggered(Finish()) }
    for channel in open { try? await channel.closeFuture.get() }
  }

  /// Tells a connection to take nothing more.
  struct Finish: Sendable {}
}
