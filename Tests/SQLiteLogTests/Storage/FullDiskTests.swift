// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Foundation
import FaultTesting
import Testing

@testable import LogConformance
@testable import SQLiteLog

/// A disk that is full for a while, again and again.
///
/// `EARSHOT_FULLS` says how often; the seed is printed, and `EARSHOT_SEED` repeats it.
@Suite struct FullDiskTests {
  private static let fillsOfLog = 5

  @Test func `a full disk takes nothing, loses nothing, and the log goes on when there is room`() async throws
  {
    let fills = FaultSize.of("EARSHOT_FULLS", short: 10)
    let seed = FaultSize.seed()
    var random = SeededRandom(seed: seed)
    var tally = FillTally()
    while tally.fills < fills {
      try await withScratchFolder { folder in
        let count = min(Self.fillsOfLog, fills - tally.fills)
        try await fill(count, folder + "/log", seed: random.next(), &tally)
      }
    }
    print("full \(tally.fills), seed \(seed), refused \(tally.refused), acknowledged \(tally.acknowledged)")
    #expect(tally.refused >= fills)
    #expect(tally.acknowledged > 0)
  }

  private struct FillTally {
    var fills = 0
    var refused = 0
    var acknowledged = 0
  }

  /// Fills the disk under one log so many times.
  private func fill(_ count: Int, _ path: String, seed: UInt64, _ tally: inout FillTally) async throws {
    var random = SeededRandom(seed: seed)
    let space = LimitedSpace(room: .max)
    let storage = WatchedStorage { space.answer($0) }
    let clock = StandingClock()
    let log = try SQLiteLog(
      path: path,
      clock: clock,
      disk: DiskUse(pagesPerCheckpoint: 24, storage: storage.name),
      reserve: NoReserve()
    ) { Issue.record("seed \(seed): a full disk ends the log: \($0)") }
    log.start(router: try PrefixRouter.forStorage(), observer: NoRuns())
    let content = try LogContent(tablesOf: path)
    var workload = LogWorkload(name: "full", seed: random.next(), clock: clock)
    var held = try content.text(log.reader)
    try await log.submit(try workload.change(for: log))
    held = try content.text(log.reader)
    for _ in 0..<count {
      space.setRoom(space.used + Int.random(in: 0...40_000, using: &random))
      var (refused, taken) = (0, 0)
      while refused < 3 {
        let change = try workload.change(for: log)
        if try await isTaken(change, log, seed) {
          var events = AcknowledgedEvents()
          events.note(change)
          try #require(try events.missing(in: log).isEmpty, "seed \(seed): events were acknowledged in vain")
          taken += 1
          try #require(taken < 5000, "seed \(seed): the disk is full, and the log takes everything")
          held = try content.text(log.reader)
          tally.acknowledged += 1
        } else {
          refused += 1
        }
        let found = try content.text(log.reader)
        try #require(found == held, "seed \(seed): a refused change has left something")
      }
      space.setRoom(.max)
      let goesOn = try await isTaken(workload.change(for: log), log, seed)
      try #require(goesOn, "seed \(seed): there is room, and the log does not go on")
      held = try content.text(log.reader)
      tally.refused += refused
      tally.fills += 1
    }
    await log.close()
    #expect(try LogVerification(path: path).damage == nil, "seed \(seed)")
    #expect(try content.text(of: path) == held, "seed \(seed): it is not as it was when it was closed")
  }

  /// Whether the log takes a change; if not, because the disk is full.
  private func isTaken(_ change: LogChange, _ log: SQLiteLog, _ seed: UInt64) async throws -> Bool {
    do {
      try await log.submit(change)
      return true
    } catch let failure as LogFailure {
      #expect(failure.code == .full, "seed \(seed): \(failure)")
      return false
    }
  }
}
