// SPDX-License-Identifier: Apache-2.0

import EventModel
import EventSources
import NIOCore

/// One client: takes lines, hands each read's events to the log as one batch, answers in the lines' order.
///
/// Lives on its channel's event loop.
final class EventConnection: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// Asks a connection to read no more and to close once everything is answered.
  struct Quiesce: Sendable {}

  private let workbench: Workbench
  private let sink: any EventSink
  private let limits: SocketLimits
  private var splitter: LineSplitter
  private var gathering = PendingBatch()
  private var pending: [PendingBatch] = []
  /// The number of the first pending batch, counted from the connection's begin.
  private var firstPending = 0
  private var bytesInFlight = 0
  private var isReadWithheld = false
  private var isInputOver = false
  private var context: ChannelHandlerContext?

  init(workbench: Workbench, sink: any EventSink, limits: SocketLimits) {
    self.workbench = workbench
    self.sink = sink
    self.limits = limits
    splitter = LineSplitter(limit: limits.line)
  }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  // MARK: - Reading

  func read(context: ChannelHandlerContext) {
    if mayRead(context) { context.read() } else { isReadWithheld = true }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isInputOver else { return }
    if gathering.isEmpty { workbench.intake.beginBatch() }
    unwrapInboundIn(data).withUnsafeReadableBytes { raw in
      splitter.take(
        raw.bindMemory(to: UInt8.self),
        line: { gathering.take($0, &workbench.intake) },
        tooLong: {
          let message = "the text exceeds \(limits.line) bytes"
          gathering.refuse(JSONError.Code.tooLarge.rawValue, message, at: limits.line)
        }
      )
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    submit(context)
    context.fireChannelReadComplete()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case ChannelEvent.inputClosed where !isInputOver:
      workbench.intake.beginBatch()
      splitter.finish { gathering.take($0, &workbench.intake) }
      endInput(context)
    case is Quiesce: endInput(context)
    default: context.fireUserInboundEventTriggered(event)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  private func endInput(_ context: ChannelHandlerContext) {
    guard !isInputOver else { return }
    submit(context)
    isInputOver = true
    closeIfDone(context)
  }

  // MARK: - Back-pressure

  private func mayRead(_ context: ChannelHandlerContext) -> Bool {
    !isInputOver && context.channel.isWritable && bytesInFlight < limits.bytesInFlight
      && pending.count < limits.batchesInFlight
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    resumeReading(context)
    context.fireChannelWritabilityChanged()
  }

  private func resumeReading(_ context: ChannelHandlerContext) {
    guard isReadWithheld, mayRead(context) else { return }
    isReadWithheld = false
    context.read()
  }

  // MARK: - Into the log and back

  private func submit(_ context: ChannelHandlerContext) {
    guard !gathering.isEmpty else { return }
    var batch = gathering
    gathering = PendingBatch()
    bytesInFlight += batch.size
    let events = batch.releaseEvents()
    if events.isEmpty { batch.finish(.success([])) }
    let number = firstPending + pending.count
    pending.append(batch)
    guard !events.isEmpty else { return settle(context) }
    let loop = context.eventLoop
    let connection = NIOLoopBound(self, eventLoop: loop)
    sink.append(SourceBatch(events: events)) { result in
      loop.execute { connection.value.finish(number, result) }
    }
  }

  private func finish(_ number: Int, _ result: Result<[AppendOutcome], any Error>) {
    // A client that is gone has left its batches behind; they are in the log all the same.
    guard let context else { return }
    pending[number - firstPending].finish(result)
    settle(context)
  }

  /// Writes the answers of all batches that are answered and have no unanswered one before them.
  private func settle(_ context: ChannelHandlerContext) {
    let count = pending.prefix { $0.isAnswered }.count
    guard count > 0 else { return }
    workbench.answers.removeAll(keepingCapacity: true)
    for batch in pending[..<count] {
      batch.appendAnswers(to: &workbench.answers)
      bytesInFlight -= batch.size
    }
    pending.removeFirst(count)
    firstPending += count
    let buffer = context.channel.allocator.buffer(bytes: workbench.answers)
    context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    closeIfDone(context)
    resumeReading(context)
  }

  private func closeIfDone(_ context: ChannelHandlerContext) {
    guard isInputOver, pending.isEmpty else { return }
    // To close throws away what is not written yet, and writes end in their order: so an empty one comes last.
    let channel = context.channel
    context.writeAndFlush(wrapOutboundOut(channel.allocator.buffer(capacity: 0)))
      .whenComplete { _ in channel.close(promise: nil) }
  }
}
