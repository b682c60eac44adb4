// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// Theory of operation.
///
/// A source turns one part of the outside world into events. The host makes each configured source once,
/// gives it a `SourceContext` and runs it in a task of its own until the host shuts down. A source puts its
/// events and the checkpoint that covers them into one `SourceBatch` and hands that to its `EventSink`; the
/// batch is committed as a whole, so after a crash the source finds exactly the checkpoint that belongs to
/// the last events it emitted. A source that cannot keep up waits in `append`: that is all the back-pressure
/// there is, and nothing is dropped.
public protocol EventSource: Sendable {
  /// Emits events until the task is cancelled, then returns.
  ///
  /// Called once. Must call `context.ready()` when its watches stand or its socket accepts. A thrown error
  /// stops this source only; the host reports it and starts the source again after a pause.
  func run(_ context: SourceContext) async throws
}

/// What the host lends a source for its whole life.
public struct SourceContext: Sendable {
  /// The id of the source in the configuration, also the default `source` attribute of its events.
  public let name: String
  /// Where events go.
  public let sink: any EventSink
  /// The entries of the last committed checkpoint.
  public let checkpoint: any CheckpointReader
  /// The host's clock.
  public let clock: any HostClock
  /// To be called once the source hears everything from now on; further calls do nothing.
  public let ready: @Sendable () -> Void

  /// Makes a context.
  public init(
    name: String,
    sink: any EventSink,
    checkpoint: any CheckpointReader,
    clock: any HostClock,
    ready: @escaping @Sendable () -> Void
  ) {
    self.name = name
    self.sink = sink
    self.checkpoint = checkpoint
    self.clock = clock
    self.ready = ready
  }
}
