// SPDX-License-Identifier: Apache-2.0

import DurableLog
import LogConformance
import Testing

@Suite struct InMemoryLogTests {
  @Test(arguments: LogConformance.all)
  func `keeps the contract of a log`(check: LogCheck) async throws {
    try await check.body { InMemoryLog(clock: $0) }
  }
}
