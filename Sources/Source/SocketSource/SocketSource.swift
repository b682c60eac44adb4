// SPDX-License-Identifier: Apache-2.0

import EventModel
public import EventSources
public import NIOCore
public import NIOPosix

// Theory of operation.
//
// A unix socket takes newline-delimited JSON events. All complete lines that one read brings become one batch, and so
// one change of the log; after its commit the answers, one line for each event in the order of the events, are written
// in one go. A connection may send on without waiting for answers, up to a bounded number of bytes that are not
// answered yet; then it is not read from until answers are out, and the kernel's buffer holds the producer back.
//
// The socket is open to its own user alone: by the modes of folder and socket, and by a look at the peer's user id.

/// Events from a unix socket.
public struct SocketEvents: EventSource {
  private let path: String
  private let group: any EventLoopGroup

  /// Makes a source that listens at `path`; a socket that a dead host has left there is replaced.
  public init(path: String, group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton) {
    self.path = path
    self.group = group
  }

  /// Listens until the task is cancelled; what was read by then is still answered.
  public func run(_ context: SourceContext) async throws {
    let connections = Connections()
    let server = try await UnixSocket.binding(path) { path in
      try await ServerBootstrap(group: group)
        .serverChannelOption(.backlog, value: 1024)
        .childChannelOption(.allowRemoteHalfClosure, value: true)
        .childChannelOption(.maxMessagesPerRead, value: 4)
        .childChannelOption(
          .recvAllocator,
          value: AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 4096, maximum: 262_144)
        )
        .childChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandlers([
              PeerCheck(), EventLines(context, connections),
            ])
          }
        }
        .bind(unixDomainSocketPath: path).get()
    }
    context.ready()
    await withTaskCancellationHandler {
      try? await server.closeFuture.get()
    } onCancel: {
      server.close(promise: nil)
    }
    UnixSocket.remove(path)
    await connections.drain()
  }
}
