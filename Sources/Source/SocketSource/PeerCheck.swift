// SPDX-License-Identifier: Apache-2.0

import Foundation
public import NIOCore

/// Lets only this process's own user and the administrator use a connection to a unix socket.
///
/// Goes first into the pipeline of each accepted connection. Everybody else gets `refusal` and is closed, and the
/// handlers that follow never learn of the connection.
public final class PeerCheck: ChannelInboundHandler {
  /// What arrives, and goes on unchanged.
  public typealias InboundIn = ByteBuffer
  /// A refusal.
  public typealias OutboundOut = ByteBuffer

  /// The line that a stranger gets on the event socket.
  public static let eventRefusal =
    #"{"error":{"code":"socket-peer","message":"this socket belongs to another user"}}"# + "\n"

  /// The kernel's `struct ucred`, which the C library hides from Swift.
  private struct Credentials {
    let process: Int32
    let user: UInt32
    let group: UInt32
  }

  private let refusal: String
  private let isAllowed: @Sendable (UInt32) -> Bool
  private var isAdmitted = false

  /// Makes a check that answers strangers with `refusal`.
  public init(
    refusal: String = PeerCheck.eventRefusal,
    isAllowed: @escaping @Sendable (_ user: UInt32) -> Bool = PeerCheck.isTrusted
  ) {
    self.refusal = refusal
    self.isAllowed = isAllowed
  }

  /// Whether a user is the one that this process runs as, or the administrator.
  @Sendable public static func isTrusted(_ user: UInt32) -> Bool { user == geteuid() || user == 0 }

  /// Whether the user at the other end of an accepted connection is trusted; to be asked on its event loop.
  public static func hasTrustedPeer(_ channel: any Channel) -> Bool {
    user(of: channel).map(isTrusted) ?? false
  }

  /// Asks the kernel who connected.
  public func channelActive(context: ChannelHandlerContext) {
    isAdmitted = Self.user(of: context.channel).map(isAllowed) ?? false
    if isAdmitted { return context.fireChannelActive() }
    let channel = context.channel
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: refusal)))
      .whenComplete { _ in channel.close(promise: nil) }
  }

  /// Passes on what an admitted peer sent.
  public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if isAdmitted { context.fireChannelRead(data) }
  }

  /// Passes on the end of an admitted peer.
  public func channelInactive(context: ChannelHandlerContext) {
    if isAdmitted { context.fireChannelInactive() }
  }

  /// The user at the other end; nil when the kernel does not say.
  private static func user(of channel: any Channel) -> UInt32? {
    #if os(Linux)
      guard let provider = channel as? any SocketOptionProvider else { return nil }
      let answer: EventLoopFuture<Credentials> = provider.unsafeGetSocketOption(
        level: .socket,
        name: NIOBSDSocket.Option(rawValue: SO_PEERCRED)
      )
      // On its own event loop a channel answers at once.
      var user: UInt32?
      answer.assumeIsolated().whenSuccess { user = $0.user }
      return user
    #else
      // There the modes of folder and socket alone keep others out.
      return geteuid()
    #endif
  }
}
