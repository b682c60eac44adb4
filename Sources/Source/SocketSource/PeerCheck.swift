// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif
public import NIOCore

/// The kernel's `struct ucred` of unix(7).
private struct PeerCredentials: Sendable {
  var process: pid_t = 0
  var user: uid_t = 0
  var group: gid_t = 0
}

/// Lets only the host's own user and the administrator in.
public final class PeerCheck: ChannelInboundHandler, RemovableChannelHandler, Sendable {
  /// What is handed on.
  public typealias InboundIn = ByteBuffer

  /// Makes a check for one connection.
  public init() {}

  /// Closes the connection of anybody else.
  public func channelActive(context: ChannelHandlerContext) {
    guard Self.isAllowed(context.channel) else {
      var answer = ByteBuffer()
      answer.writeString(
        #"{"error":{"code":"socket-peer","message":"this socket is another user's"}}"# + "\n"
      )
      context.writeAndFlush(NIOAny(answer), promise: nil)
      return context.close(promise: nil)
    }
    context.fireChannelActive()
  }

  private static func isAllowed(_ channel: any Channel) -> Bool {
    #if os(Linux)
      guard let provider = channel as? any SocketOptionProvider else { return false }
      let peer: EventLoopFuture<PeerCredentials> = provider.unsafeGetSocketOption(
        level: .init(SOL_SOCKET),
        name: .init(SO_PEERCRED)
      )
      // Socket options are read on the channel's own event loop, and so at once.
      var user: uid_t?
      peer.assumeIsolated().whenSuccess { user = $0.user }
      return user.map { $0 == geteuid() || $0 == 0 } ?? false
    #else
      // The modes of folder and socket keep others out.
      return true
    #endif
  }
}
