// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import SQLiteLog

@Suite struct LockFileTests {
  @Test func `a lock that is refused closes no file of others`() async throws {
    try await withTemporaryFolder { folder in
      let lock = try LockFile(path: folder + "/lock")
      defer { withExtendedLifetime(lock) {} }
      // The refusals and the files beside each other, on threads of their own.
      let lost = await withTaskGroup(of: Int.self) { group in
        group.addTask {
          for _ in 0..<3000 { _ = try? LockFile(path: folder + "/lock") }
          return 0
        }
        // Opens files all the while.
        group.addTask { Self.closedByOthers(of: 6000) }
        return await group.reduce(0, +)
      }
      #expect(lost == 0)
    }
  }

  /// Opens files and counts those that somebody else closes.
  private static func closedByOthers(of count: Int) -> Int {
    var lost = 0
    for _ in 0..<count {
      let file = open("/dev/null", O_RDONLY | O_CLOEXEC)
      for _ in 0..<20 where fcntl(file, F_GETFD) < 0 {
        lost += 1
        break
      }
      close(file)
    }
    return lost
  }
}
