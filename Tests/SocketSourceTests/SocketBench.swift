// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources
import Foundation
import SocketSource
import Synchronization

/// Passes batches to a log.
struct LogSink: EventSink {
  let log = InMemoryLog(clock: SystemClock())

  func append(
    _ batch: SourceBatch,
    completion: @escaping @Sendable (Result<[AppendOutcome], any Error>) -> Void
  ) {
    log.submit(LogChange(events: batch.events, source: "events", checkpoint: [])) { result in
      completion(result.map(\.outcomes).mapError { $0 as any Error })
    }
  }
}

/// Numbers events and, until it is opened, keeps their producers waiting.
final class GatedSink: EventSink {
  private struct State {
    var isOpen: Bool
    var count: Int64 = 0
    var waiting: [@Sendable () -> Void] = []
    var largest = 0
  }

  private let state: Mutex<State>
  private let failure: LogFailure?

  init(isOpen: Bool, failure: LogFailure? = nil) {
    state = Mutex(State(isOpen: isOpen))
    self.failure = failure
  }

  /// The number of events that came.
  var count: Int64 { state.withLock { $0.count } }
  /// The number of batches that wait.
  var waiting: Int { state.withLock { $0.waiting.count } }
  /// The size of the largest batch.
  var largest: Int { state.withLock { $0.largest } }

  func append(
    _ batch: SourceBatch,
    completion: @escaping @Sendable (Result<[AppendOutcome], any Error>) -> Void
  ) {
    let count = Int64(batch.events.count)
    let failure = failure
    let answer = state.withLock { state -> (@Sendable () -> Void)? in
      let first = state.count + 1
      state.count += count
      state.largest = max(state.largest, Int(count))
      let answer: @Sendable () -> Void = {
        if let failure { return completion(.failure(failure)) }
        completion(.success((first..<first + count).map { .appended(LogPosition(rawValue: $0)) }))
      }
      if state.isOpen { return answer }
      state.waiting.append(answer)
      return nil
    }
    answer?()
  }

  /// Answers what waits, the last first, and everything from now on.
  func open() {
    let waiting = state.withLock { state in
      defer { state.waiting = [] }
      state.isOpen = true
      return state.waiting
    }
    for answer in waiting.reversed() { answer() }
  }
}

private struct NoCheckpoint: CheckpointReader {
  func value(for key: [UInt8]) throws -> [UInt8]? { nil }
  func forEach(_ body: (_ key: [UInt8], _ value: [UInt8]) throws -> Void) throws {}
}

/// A folder of its own under the system's temporary one, removed after the body.
func withFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
  var template = Array("/tmp/earshot-socket-XXXXXX".utf8CString)
  guard mkdtemp(&template) != nil else { throw POSIXError(.EIO) }
  let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try await body(folder)
}

func context(_ sink: any EventSink, ready: @escaping @Sendable () -> Void = {}) -> SourceContext {
  SourceContext(
    name: "events",
    sink: sink,
    checkpoint: NoCheckpoint(),
    clock: SystemClock(),
    ready: ready
  )
}

/// Runs a source in a folder of its own while the body runs, then stops it.
func withSource(
  _ sink: any EventSink,
  limits: SocketLimits = SocketLimits(),
  isAllowed: @escaping @Sendable (UInt32) -> Bool = PeerCheck.isTrusted,
  _ body: (_ path: String) async throws -> Void
) async throws {
  try await withFolder { folder in
    let path = folder + "/run/events.sock"
    let (ready, signal) = AsyncStream<Void>.makeStream()
    try await withThrowingTaskGroup { group in
      group.addTask {
        defer { signal.finish() }
        try await SocketEvents(path: path, limits: limits, isAllowed: isAllowed)
          .run(context(sink) { signal.yield() })
      }
      for await _ in ready { break }
      try await body(path)
      group.cancelAll()
      try await group.waitForAll()
    }
  }
}

/// Runs something that blocks on a thread of its own.
func onThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
  try await withCheckedThrowingContinuation { continuation in
    Thread { continuation.resume(with: Swift.Result { try body() }) }.start()
  }
}
