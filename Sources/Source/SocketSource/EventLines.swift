// SPDX-License-Identifier: Apache-2.0

import EventModel
import EventSources
import NIOCore

/// One connection: splits what comes into lines, hands these on as batches, and answers each line in order.
///
/// Lives on its event loop; only the answer to a batch comes from another thread, and crosses once.
final class EventLines: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// How many bytes may be read and not answered before the connection is not read from any more.
  static let window = 4 << 20

  private let sink: any EventSink
  private let connections: Connections
  private var intake: EventIntake
  private var lines = LineBuffer()
  private var unanswered = 0
  private var openBatches = 0
  private var isPaused = false
  /// No further line will come: answer what is open, then close.
  private var isFinishing = false

  init(_ context: SourceContext, _ connections: Connections) {
    sink = context.sink
    self.connections = connections
    intake = EventIntake(defaultSource: context.name, clock: context.clock)
  }

  func channelActive(context: ChannelHandlerContext) {
    connections.add(context.channel)
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    connections.remove(context.channel)
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isFinishing else { return }
    take(unwrapInboundIn(data).readableBytesView, context)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case ChannelEvent.inputClosed:
      // A last line may come without its line break.
      take([UInt8(ascii: "\n")], context)
      finish(context)
    case is Connections.Finish: finish(context)
    default: context.fireUserInboundEventTriggered(event)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    resumeIfPossible(context)
    context.fireChannelWritabilityChanged()
  }

  private func take(_ bytes: some Collection<UInt8>, _ context: ChannelHandlerContext) {
    var batch = EventBatch()
    var answers: [LineAnswer] = []
    intake.beginBatch()
    lines.take(bytes) { line in
      switch line {
      case .tooLong: answers.append(.refusal(.tooLong))
      case .whole(let line):
        do throws(EventError) {
          try intake.append(line, to: &batch)
          answers.append(.event)
        } catch {
          answers.append(.refusal(LineAnswer.Refusal(error)))
        }
      }
    }
    guard !answers.isEmpty else { return }
    send(batch, answers, size: bytes.count, context)
  }

  private func send(
    _ batch: EventBatch,
    _ answers: [LineAnswer],
    size: Int,
    _ context: ChannelHandlerContext
  ) {
    unanswered += size
    openBatches += 1
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    sink.append(SourceBatch(events: batch)) { [loop = context.eventLoop] result in
      // Made on the log's thread, so that the event loop only writes.
      var buffer = ByteBuffer()
      LineAnswer.append(answers, result, to: &buffer)
      loop.execute { [buffer] in
        let (handler, context) = bound.value
        handler.answer(buffer, size: size, context)
      }
    }
    pauseIfNeeded(context)
  }

  private func answer(_ buffer: ByteBuffer, size: Int, _ context: ChannelHandlerContext) {
    unanswered -= size
    openBatches -= 1
    context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    if isFinishing, openBatches == 0 { close(context) } else { resumeIfPossible(context) }
  }

  private func pauseIfNeeded(_ context: ChannelHandlerContext) {
    guard !isPaused, unanswered > Self.window || !context.channel.isWritable else { return }
    isPaused = true
    _ = context.channel.setOption(.autoRead, value: false)
  }

  private func resumeIfPossible(_ context: ChannelHandlerContext) {
    guard isPaused, unanswered <= Self.window / 2, context.channel.isWritable else { return }
    isPaused = false
    _ = context.channel.setOption(.autoRead, value: true)
  }

  private func finish(_ context: ChannelHandlerContext) {
    isFinishing = true
    if openBatches == 0 { close(context) }
  }

  private func close(_ context: ChannelHandlerContext) {
    // After the answers that are still on their way out.
    context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { [channel = context.channel] _ in
      channel.close(promise: nil)
    }
  }
}
