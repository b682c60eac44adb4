// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Foundation
import FaultTesting
import Testing

@testable import SQLiteLog

/// What is left of a log's files when the power fails at any moment.
///
/// A workload is recorded with each write, each sync and each answer. From that come states in which the disk may be after
/// a power cut: see `UncertainDisk`. The next workload goes on from one of these. `EARSHOT_CUTS` says how many states are
/// checked; the seed is printed, and `EARSHOT_SEED` repeats it.
@Suite(.serialized) struct PowerCutTests {
  private static let statesOfRecording = 300

  @Test func `a power cut loses nothing that was acknowledged and leaves nothing half done`() async throws {
    let cuts = FaultSize.of("EARSHOT_CUTS", short: 300)
    let seed = FaultSize.seed()
    let (tally, recordings) = try await survey(cuts, seed)
    print("cuts \(cuts), seed \(seed), recordings \(recordings.count), \(tally)")
    #expect(tally.checked == cuts)
    #expect(tally.findings.isEmpty, "seed \(seed): \(tally.findings.prefix(3))")
    #expect(recordings.allSatisfy { $0.changes > 0 })
  }

  @Test func `a log that does not wait for the disk loses what it acknowledged`() async throws {
    let (tally, _) = try await survey(100, FaultSize.seed(), synchronous: "NORMAL")
    print("cuts without waiting: \(tally)")
    #expect(tally.lost > 0, "the check does not see what is lost")
  }

  @Test func `a disk that only pretends to sync the database is found out`() async throws {
    let (tally, _) = try await survey(100, FaultSize.seed(), pretends: { $0 == "log" })
    print("cuts of a disk that pretends: \(tally)")
    #expect(tally.damaged > 0, "the check does not see what is damaged")
  }

  @Test func `a recording holds all that is done to the files`() async throws {
    try await withScratchFolder { folder in
      let recording = try await LogSession().record(
        in: folder,
        start: [:],
        name: "whole",
        seed: FaultSize.seed()
      )
      var disk = UncertainDisk(recording.start)
      for step in recording.steps { disk.apply(step) }
      let found = disk.seen
      #expect(found.keys.sorted() == ["log"])
      for (name, bytes) in found {
        let stored = FileManager.default.contents(atPath: folder + "/" + name).map { [UInt8]($0) }
        #expect(stored == bytes, "'\(name)' is not what was recorded")
      }
    }
  }

  /// Records as many workloads as it takes, each on what a power cut left of the one before, and checks states of each.
  private func survey(
    _ cuts: Int,
    _ seed: UInt64,
    synchronous: String = "FULL",
    pretends: (@Sendable (String) -> Bool)? = nil
  ) async throws -> (CutTally, [Recording]) {
    var random = SeededRandom(seed: seed)
    var tally = CutTally()
    var recordings: [Recording] = []
    var start: [String: [UInt8]] = [:]
    try await withScratchFolder { folder in
      while tally.checked < cuts {
        var session = LogSession()
        session.disk.synchronous = synchronous
        let own = folder + "/recording\(recordings.count)"
        try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: true)
        let recording = try await session.record(
          in: own,
          start: start,
          name: "\(recordings.count)",
          seed: random.next()
        )
        let content = try LogContent(tablesOf: own + "/log")
        try FileManager.default.removeItem(atPath: own)
        recordings.append(recording)
        let plan = CutPlan(recording: recording, content: content, pretends: pretends ?? { _ in false })
        let count = min(Self.statesOfRecording, cuts - tally.checked)
        tally.add(try await plan.check(count, in: folder, seed: random.next()))
        // Not for ever, so that the log stays small; and not from what cannot be opened.
        let isWhole = pretends == nil && synchronous == "FULL"
        start = isWhole && recordings.count % 4 != 0 ? plan.oneState(&random) : [:]
      }
    }
    return (tally, recordings)
  }
}
