// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources
import Foundation
import GRDB
import LogConformance
import SQLiteLog
import Testing

@Suite struct LogIntegrityTests {
  /// Makes a log of `count` events and closes it.
  private func write(_ count: Int, to path: String) async throws {
    let log = try SQLiteLog(path: path, clock: StandingClock()) { _ in }
    log.start(router: NoRuns(), observer: NoRuns())
    var intake = EventIntake(defaultSource: "test", clock: StandingClock())
    var batch = EventBatch()
    for number in 0..<count {
      try intake.append(CloudEvent(type: "t", data: ["n": .number(String(number))]), to: &batch)
    }
    try await log.submit(LogChange(events: batch))
    await log.close()
  }

  private func change(_ path: String, _ sql: String) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.write { try $0.execute(sql: sql) }
    try queue.close()
  }

  @Test func `goes on where it stopped`() async throws {
    try await withTemporaryFolder { folder in
      try await write(3, to: folder + "/log")
      try await write(2, to: folder + "/log")
      let found = try LogVerification(path: folder + "/log")
      #expect(found.events == 5)
      #expect(found.damage == nil)
    }
  }

  @Test(arguments: [
    ("UPDATE event SET body = CAST(replace(body, '2', '3') AS BLOB) WHERE position = 3", 3),
    ("UPDATE event SET recorded = recorded + 1 WHERE position = 4", 4),
    ("UPDATE event SET checksum = zeroblob(32) WHERE position = 2", 2),
    ("DELETE FROM event WHERE position = 2", 2), ("DELETE FROM event WHERE position = 5", 5),
    ("DELETE FROM event", 1),
  ])
  func `finds the first event that is not what was written`(sql: String, position: Int64) async throws {
    try await withTemporaryFolder { folder in
      try await write(5, to: folder + "/log")
      try change(folder + "/log", sql)
      let found = try LogVerification(path: folder + "/log")
      #expect(found.damage?.position.rawValue == position)
    }
  }

  /// Makes a log of six events of which 1, 3 and 4 are forgotten.
  private func writePruned(to path: String) async throws {
    let log = try SQLiteLog(path: path, clock: StandingClock()) { _ in }
    log.start(router: NoRuns(), observer: NoRuns())
    var intake = EventIntake(defaultSource: "test", clock: StandingClock())
    var batch = EventBatch()
    for type in ["t", "kept", "t", "t", "t", "t"] { try intake.append(CloudEvent(type: type), to: &batch) }
    try await log.submit(LogChange(events: batch))
    let wish = Pruning(before: LogPosition(rawValue: 5), keptTypes: ["kept"])
    try await log.submit(LogChange(pruning: wish))
    await log.close()
  }

  @Test func `proves what is left when events were forgotten`() async throws {
    try await withTemporaryFolder { folder in
      try await writePruned(to: folder + "/log")
      try await write(2, to: folder + "/log")
      let found = try LogVerification(path: folder + "/log")
      #expect(found.events == 5)
      #expect(found.damage == nil)
    }
  }

  @Test(arguments: [
    ("UPDATE event SET recorded = recorded + 1 WHERE position = 2", 2),
    ("DELETE FROM event WHERE position = 2", 2), ("DELETE FROM kept", 2),
    ("DELETE FROM event WHERE position = 5", 5),
    ("UPDATE event SET position = 3 WHERE position = 5", 3),
  ])
  func `finds what is wrong with what is left`(sql: String, position: Int64) async throws {
    try await withTemporaryFolder { folder in
      try await writePruned(to: folder + "/log")
      try change(folder + "/log", sql)
      #expect(try LogVerification(path: folder + "/log").damage?.position.rawValue == position)
    }
  }

  /// Makes a log of eight events of which 3, 4 and 6 are forgotten, and so is 1, which is before its beginning.
  private func writeWithGaps(to path: String) async throws {
    let log = try SQLiteLog(path: path, clock: StandingClock()) { _ in }
    log.start(router: NoRuns(), observer: NoRuns())
    var intake = EventIntake(defaultSource: "test", clock: StandingClock())
    var batch = EventBatch()
    for type in ["t", "kept", "g", "g", "t", "g", "t", "t"] {
      try intake.append(CloudEvent(type: type), to: &batch)
    }
    try await log.submit(LogChange(events: batch))
    try await log.submit(LogChange(pruning: Pruning(type: "g", before: LogPosition(rawValue: 8))))
    try await log.submit(
      LogChange(pruning: Pruning(before: LogPosition(rawValue: 3), keptTypes: ["kept"]))
    )
    await log.close()
  }

  @Test func `proves what is left when events of a type were forgotten`() async throws {
    try await withTemporaryFolder { folder in
      try await writeWithGaps(to: folder + "/log")
      let found = try LogVerification(path: folder + "/log")
      #expect(found.damage == nil && found.events == 4)
    }
  }

  @Test(arguments: [
    ("DELETE FROM event WHERE position = 5", 5), ("DELETE FROM gap WHERE last = 6", 6),
    ("UPDATE gap SET checksum = zeroblob(32) WHERE last = 4", 5),
    ("UPDATE gap SET first = 5 WHERE last = 6", 6),
    ("INSERT INTO gap (last, first, checksum) VALUES (7, 7, zeroblob(32))", 3),
    ("UPDATE event SET position = 6 WHERE position = 7", 6),
    ("UPDATE kept SET before = zeroblob(32)", 2),
  ])
  func `finds what is wrong around what was forgotten`(sql: String, position: Int64) async throws {
    try await withTemporaryFolder { folder in
      try await writeWithGaps(to: folder + "/log")
      try change(folder + "/log", sql)
      #expect(try LogVerification(path: folder + "/log").damage?.position.rawValue == position)
    }
  }

  @Test func `gives the space of forgotten events back to the disk`() async throws {
    try await withTemporaryFolder { folder in
      let path = folder + "/log"
      try await write(40_000, to: path)
      let log = try SQLiteLog(path: path, clock: StandingClock()) { _ in }
      log.start(router: NoRuns(), observer: NoRuns())
      var isDone = false
      while !isDone {
        let wish = Pruning(before: LogPosition(rawValue: 39_000))
        isDone = try await log.submit(LogChange(pruning: wish)).pruned?.isDone ?? true
      }
      await log.close()
      // The file itself shrinks with the next checkpoint.
      let pages = try await DatabaseQueue(path: path).read { try Int.fetchOne($0, sql: "PRAGMA page_count") }
      #expect(try #require(pages) < 500)
      #expect(try LogVerification(path: path).events == 1001)
    }
  }

  @Test func `does not take events when its end is missing`() async throws {
    try await withTemporaryFolder { folder in
      try await write(5, to: folder + "/log")
      try change(folder + "/log", "DELETE FROM event WHERE position = 5")
      let failure = await #expect(throws: LogFailure.self) { try await write(1, to: folder + "/log") }
      #expect(failure?.code == .corrupt)
    }
  }

  @Test func `is opened by one host at a time`() async throws {
    try await withTemporaryFolder { folder in
      let log = try SQLiteLog(path: folder + "/log", clock: StandingClock()) { Issue.record($0) }
      let failure = #expect(throws: LogFailure.self) {
        try SQLiteLog(path: folder + "/log", clock: StandingClock()) { Issue.record($0) }
      }
      #expect(failure?.code == .alreadyOpen)
      await log.close()
    }
  }

  @Test func `refuses a log of a newer version`() async throws {
    try await withTemporaryFolder { folder in
      try await write(1, to: folder + "/log")
      try change(folder + "/log", "INSERT INTO grdb_migrations VALUES ('999')")
      let failure = await #expect(throws: LogFailure.self) { try await write(1, to: folder + "/log") }
      #expect(failure?.code == .newerSchema)
    }
  }

  @Test(arguments: [
    ("INSERT INTO grdb_migrations VALUES ('999')", LogFailure.Code.newerSchema),
    (
      "DELETE FROM grdb_migrations WHERE identifier = (SELECT max(identifier) FROM grdb_migrations)",
      .olderSchema
    ),
  ])
  func `does not read a log of another version without saying so`(sql: String, code: LogFailure.Code)
    async throws
  {
    try await withTemporaryFolder { folder in
      try await write(1, to: folder + "/log")
      try change(folder + "/log", sql)
      #expect(#expect(throws: LogFailure.self) { try LogReader(path: folder + "/log") }?.code == code)
      #expect(
        #expect(throws: LogFailure.self) { try LogVerification(path: folder + "/log") }?.code == code
      )
    }
  }

  @Test func `says that there is no log`() {
    let failure = #expect(throws: LogFailure.self) { try LogVerification(path: "/nonexistent/log") }
    #expect(failure?.code == .missing)
  }
}
