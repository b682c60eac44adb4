// SPDX-License-Identifier: Apache-2.0

import DequeModule
import DurableLog
import EventModel
import EventSources
import Synchronization

/// The way into the log for a source that nobody asks again: while the disk is full its batches wait.
///
/// One batch is under way at a time, so that they keep their order. The source sees no answer meanwhile and reads no
/// further: files, timers and programs are held up where they are, and nothing of them is lost.
final class PatientSink: EventSink {
  typealias Completion = @Sendable (Result<[AppendOutcome], any Error>) -> Void

  private struct State {
    var waiting: Deque<(batch: SourceBatch, completion: Completion)> = []
    var isUnderWay = false
    var hasGivenUp = false
  }

  /// How long it waits before the log is asked again.
  static let pause = Duration.seconds(1)

  private let sink: any EventSink
  private let clock: any HostClock
  private let onWait: @Sendable () -> Void
  private let state = Mutex(State())

  /// Makes a sink; `onWait` is called when a batch has to wait.
  init(_ sink: any EventSink, clock: any HostClock, onWait: @escaping @Sendable () -> Void) {
    self.sink = sink
    self.clock = clock
    self.onWait = onWait
  }

  func append(_ batch: SourceBatch, completion: @escaping Completion) {
    let isRefused = state.withLock { state in
      if !state.hasGivenUp { state.waiting.append((batch, completion)) }
      return state.hasGivenUp
    }
    if isRefused { return completion(.failure(CancellationError())) }
    goOn()
  }

  /// Waits no longer: what is not stored yet is answered so.
  func giveUp() {
    let waiting = state.withLock { state in
      state.hasGivenUp = true
      // The first one is answered when the log has answered.
      let late = state.waiting.dropFirst(state.isUnderWay ? 1 : 0)
      state.waiting.removeLast(late.count)
      return Array(late)
    }
    for entry in waiting { entry.completion(.failure(CancellationError())) }
  }

  private func goOn() {
    let next = state.withLock { state -> SourceBatch? in
      guard !state.isUnderWay, let first = state.waiting.first else { return nil }
      state.isUnderWay = true
      return first.batch
    }
    guard let next else { return }
    sink.append(next) { [self] result in finished(result) }
  }

  private func finished(_ result: Result<[AppendOutcome], any Error>) {
    let completion = state.withLock { state -> Completion? in
      if case .failure(let failure as LogFailure) = result, failure.code == .full, !state.hasGivenUp {
        return nil
      }
      state.isUnderWay = false
      return state.waiting.removeFirst().completion
    }
    guard let completion else { return waitForRoom() }
    completion(result)
    goOn()
  }

  private func waitForRoom() {
    onWait()
    // Waiting must not hold the log's thread.
    Task { [self] in
      try? await clock.sleep(for: Self.pause)
      let first = state.withLock { $0.waiting.first?.batch }
      guard let first else { return }
      sink.append(first) { [self] result in finished(result) }
    }
  }
}
