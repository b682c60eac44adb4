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

/// The seed of a test: `EARSHOT_SEED`, or a random one.
func seedOfTest() -> UInt64 {
  ProcessInfo.processInfo.environment["EARSHOT_SEED"].flatMap { UInt64($0) } ?? .random(in: .min ... .max)
}

/// How much a test does: what an environment variable says, or little.
func sizeOfTest(_ variable: String, _ little: Int) -> Int {
  ProcessInfo.processInfo.environment[variable].flatMap { Int($0) } ?? little
}

/// Keeps nothing back, and always finds that it does.
struct NoReserve: SpaceReserve {
  func take() -> Bool { true }
  func release() {}
}
