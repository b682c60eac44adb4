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
