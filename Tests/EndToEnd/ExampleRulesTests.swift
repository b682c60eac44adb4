// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The example rules keep what they promise.
@Suite struct ExampleRulesTests {
  @Test func `every rule in Rules has tests, and all of them pass`() async throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
    let run = try await CommandLineRun(["test", root.appending(path: "Rules").path])
    #expect(run.status == 0, "\(run.output)")
    #expect(!run.output.contains("without a test"))
    #expect(run.output.contains(" passed, 0 failed"))
  }
}
