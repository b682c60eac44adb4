// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Foundation
import LogConformance
import SQLiteLog
import Testing

@Suite struct SQLiteLogTests {
  @Test(arguments: LogConformance.all)
  func `keeps the contract of a log`(check: LogCheck) async throws {
    try await withTemporaryFolder { folder in
      try await check.body { try SQLiteLog(path: folder + "/earshot.db", clock: $0) { Issue.record($0) } }
    }
  }

  @Test func `refuses to read when it has been closed`() async throws {
    try await withTemporaryFolder { folder in
      let log = try SQLiteLog(path: folder + "/earshot.db", clock: StandingClock()) { Issue.record($0) }
      await log.close()
      #expect { try log.lastPosition() } throws: { ($0 as? LogFailure)?.code == .closed }
      #expect { try log.runs(after: .start, states: [.dead], limit: 1) } throws: {
        ($0 as? LogFailure)?.code == .closed
      }
    }
  }
}

/// Runs `body` with the path of a new folder that is removed afterwards.
func withTemporaryFolder(_ body: (String) async throws -> Void) async throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  let result: Result<Void, any Error>
  do { result = .success(try await body(folder.path)) } catch { result = .failure(error) }
  try FileManager.default.removeItem(at: folder)
  try result.get()
}
