// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Expressions
import Foundation
import Testing

@testable import Rules

/// Every code has a file that provokes it, and beside that file what a person is shown.
///
/// With `EARSHOT_WRITE_GOLDEN=1` the expected texts are written instead of compared.
@Suite struct GoldenTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")

  static let codes: [String] =
    RuleCode.allCases.map(\.rawValue) + YAMLError.Code.allCases.map(\.rawValue)
    + ExpressionError.Code.allCases.map(\.rawValue)

  @Test(arguments: codes) func `shows each mistake where it stands`(code: String) throws {
    let file = Self.folder.appending(path: code + ".yaml")
    let bytes = Array(try Data(contentsOf: file))
    let (rules, bag) = RuleLoader.load(
      [RuleFile(name: code + ".yaml", bytes: bytes)],
      actions: TestActions(),
      sources: TestSources()
    )
    #expect(bag.diagnostics.contains { $0.code == code })
    #expect((rules == nil) == bag.hasErrors)
    let renderer = DiagnosticRenderer()
    let shown = bag.sorted.map(renderer.picture).joined(separator: "\n")
    let golden = Self.folder.appending(path: code + ".txt")
    if ProcessInfo.processInfo.environment["EARSHOT_WRITE_GOLDEN"] == "1" {
      try shown.write(to: golden, atomically: true, encoding: .utf8)
    }
    #expect(shown == (try? String(contentsOf: golden, encoding: .utf8)))
  }
}
