// SPDX-License-Identifier: Apache-2.0

import FaultTesting
import Testing

/// Plugins that never do anything but end.
///
/// `EARSHOT_PLUGIN_CRASHES` says how often in all.
@Suite struct CrashLoopTests {
  @Test func `plugins that keep ending leave nothing behind, and another one goes on`() async throws {
    // In a process of its own, since what other tests do would be in its figures.
    let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
      let crashes = FaultSize.of("EARSHOT_PLUGIN_CRASHES", short: 300)
      try await CrashLoop().run(crashes, warmUp: max(100, crashes / 10))
    }
    print(String(decoding: result?.standardOutputContent ?? [], as: UTF8.self), terminator: "")
  }
}
