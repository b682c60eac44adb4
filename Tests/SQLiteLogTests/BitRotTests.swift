// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources
import FaultTesting
import Foundation
import GRDB
import LogConformance
import Testing

@testable import SQLiteLog

/// Single bits of a log that change on disk.
///
/// `EARSHOT_FLIPS` says how many; the seed is printed.
@Suite struct BitRotTests {
  private static let events = 300

  /// Writes a log, and copies its files while it is open: the newest events are only in the write-ahead log.
  private func write(to folder: String) async throws -> [[UInt8]] {
    let log = try SQLiteLog(path: folder + "/open", clock: StandingClock()) { _ in }
    log.start(router: NoRuns(), observer: NoRuns())
    var intake = EventIntake(defaultSource: "test", clock: StandingClock())
    for number in 0..<Self.events {
      var batch = EventBatch()
      let data: JSONValue = ["n": .number("\(number)"), "text": .string(String(repeating: "x", count: 200))]
      try intake.append(CloudEvent(type: "t", data: data), to: &batch)
      try await log.submit(LogChange(events: batch))
    }
    for suffix in ["", "-wal"] {
      try FileManager.default.copyItem(atPath: folder + "/open" + suffix, toPath: folder + "/log" + suffix)
    }
    await log.close()
    for suffix in ["", "-wal"] {
      try FileManager.default.copyItem(atPath: folder + "/log" + suffix, toPath: folder + "/closed" + suffix)
    }
    let closing = try DatabaseQueue(path: folder + "/closed")
    try await closing.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
    try closing.close()
    return try all(of: folder + "/closed")
  }

  private func all(of path: String) throws -> [[UInt8]] {
    let reader = try LogReader(path: path)
    defer { reader.close() }
    let page = try reader.events(from: .start, limit: 10_000)
    return page.entries.indices.map { Array(page.json($0)) }
  }

  @Test func `no changed bit gives another event, and none makes an event disappear unnoticed`() async throws
  {
    let flips = FaultSize.of("EARSHOT_FLIPS", short: 100)
    let seed = FaultSize.seed()
    var random = SeededRandom(seed: seed)
    var noticed = 0
    var lastOnly = 0
    try await withTemporaryFolder { folder in
      let expected = try await write(to: folder)
      #expect(expected.count == Self.events)
      for _ in 0..<flips {
        let name = ["log", "log-wal", "closed"].randomElement(using: &random) ?? "log"
        let base = name == "closed" ? "closed" : "log"
        let trial = folder + "/trial"
        for suffix in ["", "-wal", "-shm"] {
          try? FileManager.default.removeItem(atPath: trial + suffix)
          try? FileManager.default.copyItem(atPath: folder + "/" + base + suffix, toPath: trial + suffix)
        }
        try flip(trial + (name == "log-wal" ? "-wal" : ""), &random)
        switch outcome(trial, expected) {
        case .noticed: noticed += 1
        case .unharmed: break
        case .lastLost where name == "log-wal": lastOnly += 1
        case .lastLost, .wrong: Issue.record("seed \(seed): a changed bit of \(name) went unnoticed")
        }
      }
    }
    print("flips \(flips), seed \(seed), noticed \(noticed), taken for a torn last transaction \(lastOnly)")
    #expect(noticed > 0)
  }

  private func flip(_ path: String, _ random: inout SeededRandom) throws {
    var bytes = try #require(FileManager.default.contents(atPath: path))
    let place = Int.random(in: 0..<bytes.count, using: &random)
    bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
    try bytes.write(to: URL(filePath: path))
  }

  private enum Outcome { case noticed, unharmed, lastLost, wrong }

  /// What a host would find: whether it or a check of the log notices, and if not, whether the events are all there.
  private func outcome(_ path: String, _ expected: [[UInt8]]) -> Outcome {
    do {
      try WriteAheadLog.check(of: path)
      if try LogVerification(path: path).damage != nil { return .noticed }
      let found = try all(of: path)
      if found == expected { return .unharmed }
      return found == expected.dropLast() ? .lastLost : .wrong
    } catch {
      return .noticed
    }
  }
}
