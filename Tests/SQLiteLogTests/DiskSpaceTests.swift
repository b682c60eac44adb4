// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources
import Foundation
import LogConformance
import SQLiteLog
import Synchronization
import Testing

/// What a log does when there is no room for its reserve.
@Suite struct DiskSpaceTests {
  /// A reserve that a test lets take its space or not.
  private final class HeldReserve: SpaceReserve {
    private let hasRoom: Atomic<Bool>
    init(hasRoom: Bool) { self.hasRoom = Atomic(hasRoom) }
    func makeRoom() { hasRoom.store(true, ordering: .relaxed) }
    func take() -> Bool { hasRoom.load(ordering: .relaxed) }
    func release() {}
  }

  private static func batch(_ types: String...) throws -> EventBatch {
    var intake = EventIntake(defaultSource: "test", clock: StandingClock())
    var batch = EventBatch()
    for type in types { try intake.append(CloudEvent(type: type), to: &batch) }
    return batch
  }

  @Test func `takes no event while there is no room, and goes on by itself when there is`() async throws {
    try await withTemporaryFolder { folder in
      let reserve = HeldReserve(hasRoom: false)
      let told = Mutex<[Bool]>([])
      let log = try SQLiteLog(
        path: folder + "/log",
        clock: StandingClock(),
        reserve: reserve,
        onSpace: { isLow in told.withLock { $0.append(isLow) } },
        onFatal: { Issue.record($0) }
      )
      log.start(router: NoRuns(), observer: NoRuns())
      let event = try Self.batch("a")
      let failure = await #expect(throws: LogFailure.self) {
        try await log.submit(LogChange(events: event))
      }
      #expect(failure?.code == .full)
      #expect(told.withLock { $0 } == [true])
      reserve.makeRoom()
      #expect(try await log.submit(LogChange(events: event)).outcomes.count == 1)
      #expect(told.withLock { $0 } == [true, false])
      await log.close()
    }
  }

  @Test func `records what is under way while there is no room`() async throws {
    try await withTemporaryFolder { folder in
      let reserve = HeldReserve(hasRoom: false)
      let log = try SQLiteLog(path: folder + "/log", clock: StandingClock(), reserve: reserve) {
        Issue.record($0)
      }
      log.start(router: NoRuns(), observer: NoRuns())
      var change = LogChange(runs: [.finish(RunID(rawValue: 1), outputs: nil)])
      change.events = try Self.batch("told")
      let receipt = try await log.submit(change)
      #expect(receipt.runChanges == [false] && receipt.outcomes.count == 1)
      let wish = Pruning(before: LogPosition(rawValue: 1))
      #expect(try await log.submit(LogChange(pruning: wish)).pruned?.isDone == true)
      let checkpoint = CheckpointChange(key: [1], value: [2])
      try await log.submit(LogChange(source: "files", checkpoint: [checkpoint]))
      #expect(try log.checkpoint(of: "files").value(for: [1]) == [2])
      await log.close()
    }
  }

  @Test func `a reserve takes up space and gives it back`() async throws {
    try await withTemporaryFolder { folder in
      let reserve = ReserveFile(path: folder + "/reserve", size: 1 << 20)
      #expect(reserve.take())
      let size = try FileManager.default.attributesOfItem(atPath: folder + "/reserve")[.size] as? Int
      #expect(size == 1 << 20)
      #expect(reserve.take())
      reserve.release()
      #expect(!FileManager.default.fileExists(atPath: folder + "/reserve"))
    }
  }
}
