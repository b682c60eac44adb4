// SPDX-License-Identifier: Apache-2.0

import Foundation

@testable import SQLiteLog

/// Runs `body` with the path of a new folder, in memory if the system has such, that is removed afterwards.
func withScratchFolder<Value>(
  isolation: isolated (any Actor)? = #isolation,
  _ body: (String) async throws -> Value
) async throws -> Value {
  let memory = "/dev/shm"
  let root = FileManager.default.isWritableFile(atPath: memory) ? memory : NSTemporaryDirectory()
  let folder = root + "/earshot-\(UUID().uuidString)"
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try await body(folder)
}

/// Keeps nothing back, and always finds that it does.
struct NoReserve: SpaceReserve {
  func take() -> Bool { true }
  func release() {}
}
