// SPDX-License-Identifier: Apache-2.0

import EventModel
import EventSources
import Dispatch
import Foundation
import Processes
import Synchronization

/// Reads what a program writes, on a thread of its own, and hands it to the log.
final class OutputReader: Sendable {
  /// So many batches may be on their way into the log.
  static let batchesInFlight = 4
  private static let readSize = 64 << 10

  private let streams: [(end: Descriptor, stream: OutputEvents.Stream)]
  private let wake: Descriptor
  private let events: OutputEvents
  private let sink: any EventSink
  private let room = DispatchSemaphore(value: batchesInFlight)
  private let failure = Mutex<(any Error)?>(nil)

  init(
    _ streams: [(Descriptor, OutputEvents.Stream)],
    wake: Descriptor,
    _ events: OutputEvents,
    _ sink: any EventSink
  ) {
    self.streams = streams
    self.wake = wake
    self.events = events
    self.sink = sink
  }

  /// Returns when all output is in the log, or some could not be put there.
  func read() async -> Result<Void, any Error> {
    await withCheckedContinuation { continuation in
      let thread = Thread { [self] in
        loop()
        let failure = failure.withLock { $0 }
        continuation.resume(returning: failure.map { .failure($0) } ?? .success(()))
      }
      thread.name = "command"
      thread.stackSize = 256 << 10
      thread.start()
    }
  }

  private func loop() {
    var events = events
    var open = streams
    var hasEnded = false
    var buffer = [UInt8](repeating: 0, count: Self.readSize)
    while !open.isEmpty, failure.withLock({ $0 == nil }) {
      if !hasEnded { hasEnded = wait(open.map(\.end)) }
      events.beginBatch()
      open = open.filter { end, stream in
        let count = Foundation.read(end.number, &buffer, buffer.count)
        if count > 0 { events.take(buffer[..<count], stream) }
        // After the program's end an empty pipe is at its end too, whoever may still hold it.
        let isOver = count == 0 || (count < 0 && (errno != EAGAIN || hasEnded) && errno != EINTR)
        if isOver { events.finish(stream) }
        return !isOver
      }
      submit(events.releaseBatch())
    }
    // All completions have run when all the room is there again.
    for _ in 0..<Self.batchesInFlight { room.wait() }
    for _ in 0..<Self.batchesInFlight { room.signal() }
  }

  /// Waits for output; says whether the program has ended.
  private func wait(_ ends: [Descriptor]) -> Bool {
    var requests = (ends + [wake]).map { pollfd(fd: $0.number, events: Int16(POLLIN), revents: 0) }
    while poll(&requests, nfds_t(requests.count), -1) < 0, errno == EINTR {}
    return requests[ends.count].revents != 0
  }

  private func submit(_ batch: EventBatch) {
    guard !batch.isEmpty else { return }
    room.wait()
    sink.append(SourceBatch(events: batch)) { [self] result in
      if case .failure(let error) = result { failure.withLock { $0 = $0 ?? error } }
      room.signal()
    }
  }
}
