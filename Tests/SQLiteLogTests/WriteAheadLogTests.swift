// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources
import Foundation
import LogConformance
import Testing

@testable import SQLiteLog

/// What a power cut may leave of a write-ahead log.
@Suite struct WriteAheadLogTests {
  private static let frame = 24 + 4096

  /// Makes a log of three events and copies its files while it is open.
  private func write(to folder: String, disk: DiskUse = DiskUse()) async throws {
    let log = try SQLiteLog(path: folder + "/open", clock: StandingClock(), disk: disk, reserve: NoReserve())
    { _ in }
    log.start(router: NoRuns(), observer: NoRuns())
    for number in 0..<3 { try await log.submit(LogChange(events: try batch(number))) }
    for suffix in ["", "-wal"] {
      try FileManager.default.copyItem(atPath: folder + "/open" + suffix, toPath: folder + "/log" + suffix)
    }
    await log.close()
  }

  private func batch(_ number: Int) throws -> EventBatch {
    var intake = EventIntake(defaultSource: "test", clock: StandingClock())
    var batch = EventBatch()
    try intake.append(CloudEvent(type: "t", data: ["n": .number("\(number)")]), to: &batch)
    return batch
  }

  private func change(_ path: String, at places: Range<Int>) throws {
    var bytes = try #require(FileManager.default.contents(atPath: path))
    for place in places { bytes[place] ^= 0x55 }
    try bytes.write(to: URL(filePath: path))
  }

  /// The places of the frames that end a transaction.
  private func ends(_ path: String) throws -> [Int] {
    let bytes = try #require(FileManager.default.contents(atPath: path))
    return stride(from: 32, to: bytes.count, by: Self.frame).filter { start in
      bytes[start + 4..<start + 8].contains { $0 != 0 }
    }
  }

  /// How many events there are, and that there may be more.
  private func events(_ path: String) async throws -> Int64 {
    let log = try SQLiteLog(path: path, clock: StandingClock(), reserve: NoReserve()) { _ in }
    log.start(router: NoRuns(), observer: NoRuns())
    let last = try log.lastPosition()
    let receipt = try await log.submit(LogChange(events: try batch(9)))
    #expect(receipt.outcomes == [.appended(last.next)])
    await log.close()
    return last.rawValue
  }

  @Test func `the rest of a torn transaction is cut off, so that it is not there after the next one`()
    async throws
  {
    try await withTemporaryFolder { folder in
      try await write(to: folder)
      let end = try #require(try ends(folder + "/log-wal").dropLast().last) + Self.frame
      try change(folder + "/log-wal", at: end + 100..<end + 200)
      try WriteAheadLog.settle(at: folder + "/log")
      #expect(FileManager.default.contents(atPath: folder + "/log-wal")?.count == end)
      #expect(try await events(folder + "/log") == 2)
    }
  }

  @Test func `a header that was being written does no harm when all is in the database`() async throws {
    try await withTemporaryFolder { folder in
      try await write(to: folder, disk: DiskUse(pagesPerCheckpoint: 1))
      try change(folder + "/log-wal", at: 12..<28)
      #expect(try await events(folder + "/log") == 3)
    }
  }

  @Test func `a damaged header is noticed when not all is in the database`() async throws {
    try await withTemporaryFolder { folder in
      try await write(to: folder)
      try change(folder + "/log-wal", at: 12..<28)
      let failure = #expect(throws: LogFailure.self) { try WriteAheadLog.settle(at: folder + "/log") }
      #expect(failure?.code == .corrupt)
    }
  }
}
