// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Foundation
import Synchronization

@testable import LogConformance
@testable import SQLiteLog

/// Puts a workload on a log through a storage, and records what comes of it.
struct LogSession {
  /// How many changes are made.
  var changes = 40
  var disk = DiskUse(pagesPerCheckpoint: 24)

  /// Records a workload in a folder that holds the files of `start` and nothing else.
  func record(in folder: String, start: [String: [UInt8]], name: String, seed: UInt64) async throws
    -> Recording
  {
    try Self.write(start, to: folder)
    // What opening does before SQLite sees the files; it is on disk when it returns.
    try WriteAheadLog.settle(at: folder + "/log")
    let recorder = Recorder(folder: folder, start: try Self.read(folder))
    let storage = WatchedStorage { call in
      recorder.note(call)
      return .proceed
    }
    var disk = disk
    disk.storage = storage.name
    let clock = StandingClock(Timestamp(seconds: 1_000_000_000 + Int64(start.isEmpty ? 0 : 1_000_000)))
    var workload = LogWorkload(name: name, seed: seed, clock: clock)
    var done = 0
    var content: LogContent?
    while done < changes {
      let log = try await Self.open(folder + "/log", clock, disk)
      log.start(router: try PrefixRouter.forStorage(), observer: NoRuns())
      let found = try content ?? LogContent(tablesOf: folder + "/log")
      let reader = try LogReader(path: folder + "/log")
      if content == nil { recorder.begin(try found.text(reader)) }
      content = found
      repeat {
        let count = workload.chance(oneIn: 4) ? 4 : 1
        try await commit(try (0..<count).map { _ in try workload.change(for: log) }, to: log) {
          recorder.acknowledge(try found.text(reader))
        }
        done += count
      } while done < changes && !workload.chance(oneIn: 15)
      reader.close()
      await log.close()
    }
    return recorder.result
  }

  /// Commits the first change alone and all others in one transaction.
  private func commit(
    _ changes: [LogChange],
    to log: SQLiteLog,
    acknowledge: @escaping @Sendable () throws -> Void
  ) async throws {
    let answers = AsyncStream.makeStream(of: Result<Void, any Error>.self)
    @Sendable func answer(_ result: Result<LogReceipt, LogFailure>) {
      answers.continuation.yield(
        Result {
          _ = try result.get()
          try acknowledge()
        }
      )
    }
    log.submit(changes[0]) { result in
      // From the log's thread: it finds them all when it has come back.
      for change in changes.dropFirst() { log.submit(change, completion: answer) }
      answer(result)
    }
    var left = changes.count
    for await result in answers.stream {
      try result.get()
      left -= 1
      if left == 0 { return }
    }
  }

  /// Opens a log once whoever had it open before has let go of it.
  static func open(_ path: String, _ clock: any HostClock, _ disk: DiskUse) async throws -> SQLiteLog {
    let deadline = ContinuousClock.now + .seconds(30)
    while true {
      do {
        return try SQLiteLog(path: path, clock: clock, disk: disk, reserve: NoReserve()) { _ in }
      } catch {
        guard error.code == .alreadyOpen, ContinuousClock.now < deadline else { throw error }
      }
      try await Task.sleep(for: .milliseconds(1))
    }
  }

  private static func read(_ folder: String) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
      files[name] = FileManager.default.contents(atPath: folder + "/" + name).map { [UInt8]($0) }
    }
    return files
  }

  static func write(_ files: [String: [UInt8]], to folder: String) throws {
    for (name, bytes) in files { try Data(bytes).write(to: URL(filePath: folder + "/" + name)) }
  }
}
