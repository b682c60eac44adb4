// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources
import FaultTesting
import Foundation
import Rules
import SQLiteLog
import LogConformance
import Testing

@testable import EarshotHost

/// The keeper on a log of its own, by a clock that a test moves.
@Suite struct LogKeeperTests {
  private func withKeeper(
    _ settings: HostSettings,
    _ body: (SQLiteLog, LogKeeper, VirtualClock) async throws -> Void
  ) async throws {
    let folder = NSTemporaryDirectory() + "earshot-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let clock = VirtualClock()
    let log = try SQLiteLog(path: folder + "/log", clock: clock) { Issue.record($0) }
    log.start(router: NoRuns(), observer: NoRuns())
    let keeper = LogKeeper(log) { _ in }
    keeper.use(settings)
    try await body(log, keeper, clock)
    keeper.close()
    await log.close()
  }

  private func append(
    _ count: Int,
    _ type: String = "t",
    size: Int = 10,
    to log: SQLiteLog,
    _ clock: VirtualClock
  )
    async throws
  {
    var intake = EventIntake(defaultSource: "test", clock: clock)
    var batch = EventBatch()
    let text = JSONValue.string(String(repeating: "x", count: size))
    for _ in 0..<count { try intake.append(CloudEvent(type: type, data: text), to: &batch) }
    try await log.submit(LogChange(events: batch))
  }

  private func first(_ log: SQLiteLog) throws -> Int64? {
    try log.events(from: .start, limit: 1).entries.first?.position.rawValue
  }

  @Test func `lets go what has reached its age, without being asked`() async throws {
    var settings = HostSettings()
    settings.keep = .seconds(3600)
    try await withKeeper(settings) { log, keeper, clock in
      try await append(3, to: log, clock)
      clock.advance(by: .seconds(1800))
      try await append(2, to: log, clock)
      keeper.noteCommit()
      #expect(try first(log) == 1)
      clock.advance(by: .seconds(1900))
      #expect(try await eventually { try first(log) == 4 })
      // Nothing is told any more: it waits for the age of the next one by itself, and the newest stays.
      clock.advance(by: .seconds(1740))
      #expect(
        try await eventually {
          // It may look at the clock only now, and then waits for a minute at least.
          clock.advance(by: .seconds(60))
          return try first(log) == 5
        }
      )
    }
  }

  @Test func `lets the oldest go when the log is too large, and keeps the texts of rules`() async throws {
    var settings = HostSettings()
    settings.maxSize = 2 << 20
    try await withKeeper(settings) { log, keeper, clock in
      try await append(1, "earshot.rules.text", to: log, clock)
      for _ in 0..<30 { try await append(100, size: 1000, to: log, clock) }
      let before = try log.size()
      #expect(before > 2 << 20)
      keeper.use(settings)
      #expect(try await eventually { try log.size() <= 2 << 20 })
      let page = try log.events(from: .start, limit: 2)
      #expect(page.entries.map(\.position.rawValue).first == 1)
      #expect(page.entries.last.map { $0.position.rawValue > 2 } == true)
      #expect(try log.lastPosition().rawValue == 3001)
    }
  }

  private func positions(_ log: SQLiteLog) throws -> [Int64] {
    try log.events(from: .start, limit: 100).entries.map(\.position.rawValue)
  }

  @Test func `types have ages of their own, and the most exact pattern decides`() async throws {
    var settings = HostSettings()
    settings.keep = .seconds(7200)
    let pattern = { (text: String) in try #require(TypePattern(text)) }
    settings.types = [
      .init(try pattern("file.*"), keep: .seconds(3600)), .init(try pattern("order.*"), keep: nil),
      .init(try pattern("order.draft"), keep: .seconds(3600)),
    ]
    try await withKeeper(settings) { log, keeper, clock in
      for type in ["file.created", "order.paid", "order.draft", "other", "last"] {
        try await append(1, type, to: log, clock)
      }
      clock.advance(by: .seconds(3601))
      #expect(
        try await eventually {
          clock.advance(by: .seconds(60))
          return try positions(log) == [2, 4, 5]
        }
      )
      clock.advance(by: .seconds(3600))
      #expect(
        try await eventually {
          clock.advance(by: .seconds(60))
          return try positions(log) == [2, 5]
        }
      )
      // Settings that keep nothing for ever let go what others have kept.
      settings.types = []
      keeper.use(settings)
      #expect(try await eventually { try positions(log) == [5] })
    }
  }

  @Test func `a log that is too large lets go what is kept for longer, but not what is kept for ever`()
    async throws
  {
    var settings = HostSettings()
    settings.maxSize = 2 << 20
    settings.keep = .seconds(60)
    settings.types = [
      .init(try #require(TypePattern("long")), keep: .seconds(1_000_000)),
      .init(try #require(TypePattern("ever")), keep: nil),
    ]
    try await withKeeper(settings) { log, keeper, clock in
      try await append(1, "ever", to: log, clock)
      for _ in 0..<30 { try await append(100, "long", size: 1000, to: log, clock) }
      keeper.use(settings)
      #expect(try await eventually { try log.size() <= 2 << 20 })
      #expect(try log.events(from: .start, limit: 1).entries.first?.position.rawValue == 1)
      #expect(try log.lastPosition().rawValue == 3001)
    }
  }
}
