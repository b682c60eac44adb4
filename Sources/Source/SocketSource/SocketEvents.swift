// SPDX-License-Identifier: Apache-2.0

public import EventSources
public import NIOCore
public import NIOPosix

// Theory of operation.
//
// A unix socket takes events, one JSON object a line, and answers each line in its order once the event is on disk.
// A connection lives on one event loop. Whatever one read brings is cut into lines, the lines are checked and put
// into one batch, and the batch goes to the log; its completion hops to the event loop once and writes all answers
// in one buffer. Clients may send as many lines as they like before they read an answer; a connection whose batches
// or unread answers exceed its limits is not read from until they are below them again, so the client waits in its
// own write. Nothing that was not answered is promised; what was answered is on disk.
//
// At the end the socket is taken out of the file system, nothing more is read, answers under way are written, and
// connections that need longer than the grace time are cut.

/// Events from a unix socket.
public struct SocketEvents: EventSource {
  private let path: String
  private let limits: SocketLimits
  private let group: any EventLoopGroup
  private let isAllowed: @Sendable (UInt32) -> Bool

  /// Makes a source that listens at `path`.
  ///
  /// `isAllowed` decides by user number who may connect; by default the own user and the administrator.
  public init(
    path: String,
    limits: SocketLimits = SocketLimits(),
    group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
    isAllowed: @escaping @Sendable (_ user: UInt32) -> Bool = PeerCheck.isTrusted
  ) {
    self.path = path
    self.limits = limits
    self.group = group
    self.isAllowed = isAllowed
  }

  /// Listens until the task is cancelled; throws `SocketFailure` when the socket cannot be opened.
  public func run(_ context: SourceContext) async throws {
    let socket = try BoundSocket(path)
    let connections = OpenConnections()
    let server = try await bootstrap(context, connections).withBoundSocket(socket.descriptor).get()
    context.ready()
    await withTaskCancellationHandler {
      // A failure to close is no reason to stop otherwise.
      try? await server.closeFuture.get()
    } onCancel: {
      socket.unlink()
      server.close(promise: nil)
    }
    try await connections.end(on: server.eventLoop, grace: TimeAmount(limits.grace))
    if !Task.isCancelled { throw SocketFailure(.io, "the socket '\(path)' was closed") }
  }

  private func bootstrap(_ context: SourceContext, _ connections: OpenConnections) -> ServerBootstrap {
    let (limits, isAllowed) = (limits, isAllowed)
    let sink = context.sink
    let benches = Workbenches(defaultSource: context.name, clock: context.clock)
    return ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 4096)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      // One read is one batch of at most 64 KiB.
      .childChannelOption(.maxMessagesPerRead, value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          connections.add(channel)
          let check = PeerCheck(refusal: PeerCheck.eventRefusal, isAllowed: isAllowed)
          let bench = benches.bench(of: channel.eventLoop)
          try channel.pipeline.syncOperations.addHandlers([
            check, EventConnection(workbench: bench, sink: sink, limits: limits),
          ])
        }
      }
  }
}
