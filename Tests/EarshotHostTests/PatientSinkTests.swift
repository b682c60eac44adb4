// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources
import Synchronization
import Testing

@testable import EarshotHost

@Suite struct PatientSinkTests {
  /// A log that is full so many times, and keeps the ids of what it takes.
  private final class FullSink: EventSink {
    private let state: Mutex<(refusals: Int, taken: [Int])>
    init(refusals: Int) { state = Mutex((refusals, [])) }
    var taken: [Int] { state.withLock { $0.taken } }

    func append(
      _ batch: SourceBatch,
      completion: @escaping @Sendable (Result<[AppendOutcome], any Error>) -> Void
    ) {
      let isFull = state.withLock { state in
        state.refusals -= 1
        if state.refusals < 0 { state.taken.append(batch.checkpoint.count) }
        return state.refusals >= 0
      }
      completion(isFull ? .failure(LogFailure(.full, "no room")) : .success([]))
    }
  }

  private static func batch(_ number: Int) -> SourceBatch {
    let entries = (0..<number).map { CheckpointChange(key: [UInt8($0)], value: nil) }
    return SourceBatch(events: EventBatch(), checkpoint: entries)
  }

  @Test func `keeps batches, in their order, until there is room`() async throws {
    let clock = VirtualClock()
    let full = FullSink(refusals: 3)
    let waits = Atomic(0)
    let sink = PatientSink(full, clock: clock) { waits.add(1, ordering: .relaxed) }
    async let first = sink.append(Self.batch(1))
    while waits.load(ordering: .relaxed) == 0 { await Task.yield() }
    async let second = sink.append(Self.batch(2))
    while waits.load(ordering: .relaxed) < 3 || full.taken.isEmpty {
      await Task.yield()
      clock.advance(by: PatientSink.pause)
    }
    _ = try await (first, second)
    #expect(full.taken == [1, 2])
    #expect(waits.load(ordering: .relaxed) == 3)
  }

  @Test func `answers what waits when its source is to end`() async throws {
    let clock = VirtualClock()
    let sink = PatientSink(FullSink(refusals: .max), clock: clock) {}
    async let first: Void = {
      await #expect(throws: (any Error).self) { try await sink.append(Self.batch(1)) }
    }()
    async let second: Void = {
      await #expect(throws: (any Error).self) { try await sink.append(Self.batch(2)) }
    }()
    await Task.yield()
    sink.giveUp()
    let isOver = Atomic(false)
    async let waiting: Void = {
      while !isOver.load(ordering: .relaxed) {
        clock.advance(by: PatientSink.pause)
        await Task.yield()
      }
    }()
    _ = await (first, second)
    isOver.store(true, ordering: .relaxed)
    await waiting
    await #expect(throws: CancellationError.self) { try await sink.append(Self.batch(3)) }
  }
}
