// SPDX-License-Identifier: Apache-2.0

import EarshotHost
import EventModel
import Foundation
import FaultTesting
import Processes
import Testing

/// Programs that a rule runs and that do not want to go.
///
/// `EARSHOT_CHILDREN` says how many.
@Suite struct HostileChildrenTests {
  private static let count = FaultSize.of("EARSHOT_CHILDREN", short: 20)
  private static let rules = """
    listeners: { command: { concurrency: 50 } }
    rules:
      try:
        trigger: { type: go }
        on_uncertain: dead_letter
        actions:
          uses: command.run
          with: { run: [sh, -c, "${{ event.data.script }}"], env: { TREE: "${{ event.data.folder }}" }, timeout: 3s }
          retry: { attempts: 1 }
    """

  @Test func `a program whose time is over is ended with all of its group, and its action with it`()
    async throws
  {
    let bench = try HostBench(rules: Self.rules)
    defer { bench.remove() }
    let host = try await HostProcess.start(in: bench)
    var ended = 0
    var escaped = 0
    while ended < Self.count {
      let some = min(50, Self.count - ended)
      escaped += try await endSome(some, after: ended, bench)
      ended += some
    }
    #expect(await host.end(SIGTERM) == .exited(0))
    print("children \(ended) of a rule ended with their groups, \(escaped) processes outside undisturbed")
  }

  /// Runs some, whose time is soon over; returns how many processes were still there outside of their groups.
  private func endSome(_ count: Int, after ended: Int, _ bench: HostBench) async throws -> Int {
    let trees = try (0..<count).map { _ in try HostileTree() }
    defer { for tree in trees { tree.remove() } }
    for tree in trees {
      let data: JSONValue = ["script": .string(HostileTree.script), "folder": .string(tree.folder)]
      try await bench.emit(#"{"type":"go","data":\#(data.json)}"#)
    }
    let dead = try await bench.follow("earshot.delivery.dead") { $0.count == ended + count }
    #expect(dead.allSatisfy { $0["data"]?["failure"]?.string?.hasSuffix("took longer than 3s") == true })
    var escaped = 0
    for tree in trees {
      #expect(tree.leader != nil, "not all of it was there")
      #expect(try await eventually { tree.processes().group.isEmpty }, "the group has not ended")
      let outside = tree.processes().escaped.count
      #expect(outside == 2 && tree.isUndisturbed, "what is outside of the group was signalled")
      escaped += outside
    }
    return escaped
  }
}
