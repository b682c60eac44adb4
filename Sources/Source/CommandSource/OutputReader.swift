// SPDX-License-Identifier: Apache-2.0

import Dispatch
import EventModel
import EventSources
import Foundation
import Synchronization

/// Reads one stream of a command on a thread of its own and hands its lines on as events, one batch at a time.
final class OutputReader: Sendable {
  /// The longest line that is kept whole.
  static let maximumLine = 64 << 10

  private let results: AsyncStream<Result<Void, any Error>>

  init(_ handle: FileHandle, _ stream: String, _ format: CommandPlan.Format, _ context: SourceContext) {
    let (results, continuation) = AsyncStream.makeStream(of: Result<Void, any Error>.self)
    self.results = results
    let thread = Thread {
      var lines = OutputLines(stream, format, context)
      continuation.yield(Result { try Self.readAll(handle, &lines, context.sink) })
      continuation.finish()
    }
    thread.name = "command"
    thread.start()
  }

  /// Returns when everything is in the log.
  func finish() async throws { try await results.first { _ in true }?.get() }

  private static func readAll(_ handle: FileHandle, _ lines: inout OutputLines, _ sink: any EventSink) throws
  {
    defer { try? handle.close() }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(handle.fileDescriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      let batch = count > 0 ? lines.take(buffer[..<count]) : lines.finish()
      if !batch.isEmpty { try append(batch, sink) }
      guard count > 0 else { return }
    }
  }

  /// Waits for the commit on this thread, which has nothing else to do.
  private static func append(_ batch: EventBatch, _ sink: any EventSink) throws {
    let done = DispatchSemaphore(value: 0)
    let failure = Mutex<(any Error)?>(nil)
    sink.append(SourceBatch(events: batch)) { result in
      if case .failure(let error) = result { failure.withLock { $0 = error } }
      done.signal()
    }
    done.wait()
    if let error = failure.withLock({ $0 }) { throw error }
  }
}
