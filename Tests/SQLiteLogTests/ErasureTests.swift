// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources
import Foundation
import GRDB
import LogConformance
import SQLiteLog
import Testing

/// What is erased is gone from the disk, and the log still proves everything else.
@Suite struct ErasureTests {
  private static let canary = "canary-ada-lovelace"

  private func append(_ log: SQLiteLog, _ events: [CloudEvent]) async throws {
    var intake = EventIntake(defaultSource: "test", clock: StandingClock())
    var batch = EventBatch()
    for event in events { try intake.append(event, to: &batch) }
    try await log.submit(LogChange(events: batch))
  }

  private func erase(_ log: SQLiteLog, _ positions: [Int64]) async throws -> ErasureOutcome {
    var change = LogChange()
    change.erasure = Erasure(positions.map(LogPosition.init), reason: "asked for", selection: "subject")
    return try #require(try await log.submit(change).erased)
  }

  /// Events of which every third one holds the canary, in small and large ones, in data, subject and id.
  private func events(_ count: Int, round: Int = 0) -> [CloudEvent] {
    (0..<count).map { number in
      guard number % 3 == 0 else { return CloudEvent(type: "t", data: ["n": .number("\(number)")]) }
      let text = String(repeating: "\(Self.canary) ", count: number % 2 == 0 ? 1 : 500)
      var event = CloudEvent(type: "t", subject: Self.canary, data: ["text": .string(text)])
      event.id = "\(Self.canary)-\(round)-\(number)"
      return event
    }
  }

  private func holdsCanary(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).filter { name in
      let data = FileManager.default.contents(atPath: folder + "/" + name) ?? Data()
      return data.range(of: Data(Self.canary.utf8)) != nil
    }
  }

  /// Makes a log of which every third event is erased, by two notices.
  private func writeErased(to path: String) async throws {
    let log = try SQLiteLog(path: path, clock: StandingClock()) { Issue.record($0) }
    log.start(router: NoRuns(), observer: NoRuns())
    try await append(log, events(12))
    #expect(try await erase(log, [1, 4]).erased.count == 2)
    #expect(try await erase(log, [7, 10]).erased.count == 2)
    await log.close()
  }

  private func change(_ path: String, _ sql: String) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.write { try $0.execute(sql: sql) }
    try queue.close()
  }

  @Test func `nothing of what was erased is left in any file`() async throws {
    try await withTemporaryFolder { folder in
      let log = try SQLiteLog(path: folder + "/log", clock: StandingClock()) { Issue.record($0) }
      log.start(router: NoRuns(), observer: NoRuns())
      for round in 0..<3 { try await append(log, events(60, round: round)) }
      #expect(try !holdsCanary(folder).isEmpty)
      let positions = Array(stride(from: Int64(1), to: 180, by: 3))
      let outcome = try await erase(log, positions)
      #expect(outcome.erased.count == 60 && outcome.isClean)
      #expect(try holdsCanary(folder) == [])
      await log.close()
      let found = try LogVerification(path: folder + "/log")
      #expect(found.damage == nil && found.erased == 60 && found.events == 181)
    }
  }

  @Test func `what a reader keeps is said, and cleaned when the reader is gone`() async throws {
    try await withTemporaryFolder { folder in
      let log = try SQLiteLog(path: folder + "/log", clock: StandingClock()) { Issue.record($0) }
      log.start(router: NoRuns(), observer: NoRuns())
      try await append(log, events(3))
      var configuration = Configuration()
      configuration.allowsUnsafeTransactions = true
      let reader = try DatabaseQueue(path: folder + "/log", configuration: configuration)
      try reader.inDatabase { database in
        try database.execute(sql: "BEGIN; SELECT * FROM event")
      }
      #expect(try await erase(log, [1]).isClean == false)
      #expect(try !holdsCanary(folder).isEmpty)
      try reader.inDatabase { try $0.execute(sql: "COMMIT") }
      #expect(try await erase(log, []).isClean)
      #expect(try holdsCanary(folder) == [])
      try reader.close()
      await log.close()
    }
  }

  @Test func `a log with erased events goes on, and is proved`() async throws {
    try await withTemporaryFolder { folder in
      try await writeErased(to: folder + "/log")
      let log = try SQLiteLog(path: folder + "/log", clock: StandingClock()) { Issue.record($0) }
      log.start(router: NoRuns(), observer: NoRuns())
      try await append(log, [CloudEvent(type: "t")])
      #expect(try await erase(log, [15]).erased.count == 1, "also the newest event")
      try await log.submit(LogChange(pruning: Pruning(before: LogPosition(rawValue: 6))))
      try await log.submit(LogChange(pruning: Pruning(type: "t", before: LogPosition(rawValue: 9))))
      await log.close()
      let found = try LogVerification(path: folder + "/log")
      #expect(found.damage == nil && found.erased == 2)
    }
  }

  @Test(arguments: [
    ("UPDATE event SET body = CAST(replace(body, 'erased', 'forged') AS BLOB) WHERE position = 4", 4),
    ("UPDATE event SET recorded = recorded + 1 WHERE position = 7", 7),
    ("UPDATE event SET checksum = zeroblob(32) WHERE position = 4", 5),
    ("DELETE FROM erased WHERE position = 4", 4), ("DELETE FROM event WHERE position = 4", 4),
    ("UPDATE erased SET sum = zeroblob(32) WHERE position = 10", 10),
    ("UPDATE erased SET notice = 13 WHERE position = 10", 13),
    ("UPDATE erased SET notice = 12 WHERE position IN (7, 10)", 14),
    ("INSERT INTO erased SELECT 5, 3, sum FROM erased WHERE position = 4", 5),
    ("INSERT INTO erased VALUES (77, 99, zeroblob(32))", 77),
    ("DELETE FROM erased WHERE notice = 14; UPDATE event SET body = x'7B7D' WHERE position IN (7, 10)", 7),
    ("UPDATE event SET body = CAST(replace(body, 'asked for', 'wanted it') AS BLOB) WHERE position = 13", 13),
    ("UPDATE event SET salt = zeroblob(16) WHERE position = 5", 5),
  ])
  func `finds what is wrong with what was erased`(sql: String, position: Int64) async throws {
    try await withTemporaryFolder { folder in
      try await writeErased(to: folder + "/log")
      try change(folder + "/log", sql)
      #expect(try LogVerification(path: folder + "/log").damage?.position.rawValue == position)
    }
  }

  @Test func `an event that only says that something was erased proves nothing and harms nothing`()
    async throws
  {
    try await withTemporaryFolder { folder in
      let log = try SQLiteLog(path: folder + "/log", clock: StandingClock()) { Issue.record($0) }
      log.start(router: NoRuns(), observer: NoRuns())
      var forged = CloudEvent(
        type: ErasureNotice.type,
        data: ["events": 1, "ranges": [[1, 1]], "reason": "", "selected_by": "", "digest": ""]
      )
      (forged.source, forged.id) = (ErasureNotice.source, "erasure-00")
      try await append(log, [CloudEvent(type: "t"), forged])
      await log.close()
      #expect(try LogVerification(path: folder + "/log").damage == nil)
    }
  }

  @Test func `the checksum of an erased event does not confirm what it said`() async throws {
    try await withTemporaryFolder { folder in
      try await writeErased(to: folder + "/log")
      let salts = try DatabaseQueue(path: folder + "/log").inDatabase { database in
        try Row.fetchAll(database, sql: "SELECT position, length(salt) FROM event ORDER BY position")
      }
      #expect(salts.map { $0[1] as Int? } == (1...14).map { [1, 4, 7, 10].contains($0) ? nil : 16 })
    }
  }
}
