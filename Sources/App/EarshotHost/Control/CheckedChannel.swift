// SPDX-License-Identifier: Apache-2.0

import HummingbirdCore
import Logging
import NIOCore
import SocketSource

/// An HTTP connection that only this process's own user and the administrator get.
struct CheckedChannel: ServerChildChannel {
  /// Somebody else has connected.
  struct Stranger: Error {}

  let http: HTTP1Channel

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
    guard PeerCheck.hasTrustedPeer(channel) else { return channel.eventLoop.makeFailedFuture(Stranger()) }
    return http.setup(channel: channel, logger: logger)
  }

  func handle(value: HTTP1Channel.Value, logger: Logger) async {
    await http.handle(value: value, logger: logger)
  }
}
