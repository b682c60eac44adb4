// SPDX-License-Identifier: Apache-2.0

import CommandSource
import Foundation
import FaultTesting
import Testing

/// Programs that do not want to go.
///
/// `EARSHOT_CHILDREN` says how many.
@Suite struct HostileChildrenTests {
  private static let count = FaultSize.of("EARSHOT_CHILDREN", short: 20)

  @Test func `a program is ended with all of its group, and what has left that is let alone`() async throws {
    let escaped = try await withThrowingTaskGroup(of: Int.self) { group in
      var escaped = 0
      for number in 0..<Self.count {
        if number >= 8 { escaped += try await group.next() ?? 0 }
        // Several at a time, as there are several sources.
        group.addTask { try await endOne() }
      }
      return try await group.reduce(escaped, +)
    }
    print(
      "children \(Self.count) of a source ended with their groups, \(escaped) processes outside undisturbed"
    )
  }

  /// Runs one and stops it; returns how many processes were still there outside of its group.
  private func endOne() async throws -> Int {
    let tree = try HostileTree()
    defer { tree.remove() }
    let sink = CollectingSink()
    let plan = CommandPlan(run: ["sh", "-c", HostileTree.script], environment: ["TREE": tree.folder])
    try await withCommand(plan, sink, grace: .milliseconds(20)) { _ = await sink.wait(for: 1) }
    #expect(sink.events.last?.hasPrefix(#"command.exited {"status":null,"signal":9"#) == true)
    #expect(try await eventually { tree.processes().group.isEmpty }, "the group has not ended")
    let escaped = tree.processes().escaped
    #expect(escaped.count == 2 && tree.isUndisturbed, "what is outside of the group was signalled")
    return escaped.count
  }
}
