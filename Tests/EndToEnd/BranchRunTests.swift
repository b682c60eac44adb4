// SPDX-License-Identifier: Apache-2.0

import EarshotHost
import EventModel
import FaultTesting
import Foundation
import Processes
import Testing

/// Runs with branches, as a person sees and leads them.
@Suite struct BranchRunTests {
  private static let rules = """
    rules:
      boards:
        trigger: { type: ask }
        actions:
          - id: boards
            for_each: [ada, bob]
            concurrency: 2
            actions: { id: ok, await: { approval: "${{ item }}, may we?" } }
          - { id: told, call: telling, with: { to: "${{ event.subject }}" } }
      telling:
        actions:
          - emit: { type: told, subject: "${{ input.to }}" }
    """

  private func runs(_ bench: HostBench, _ arguments: [String]) async throws -> CommandLineRun {
    try await CommandLineRun(["runs"] + arguments + ["--state", bench.state])
  }

  private func asking(_ bench: HostBench) async throws -> Int {
    guard case .array(let items) = try await bench.client.query(["pending"], [("limit", "9")]) else {
      return 0
    }
    return items.count { $0["kind"]?.string == "await" }
  }

  @Test func `are listed by themselves, shown with their branches, answered, and watched to their ends`()
    async throws
  {
    let bench = try HostBench(rules: Self.rules)
    defer { bench.remove() }
    let host = try await HostProcess.start(in: bench)
    try await bench.emit(#"{"type":"ask","subject":"team"}"#)
    #expect(try await eventually { try await asking(bench) == 2 })
    let listed = try await runs(bench, ["list", "--json"]).output
    #expect(listed.split(separator: "\n").count == 1)
    #expect(try await runs(bench, ["list", "--branches", "--json"]).output.split(separator: "\n").count == 3)
    let pending = try await CommandLineRun(["pending", "--state", bench.state]).output
    #expect(pending.contains("branches") && pending.contains("2 are under way"))
    #expect(try await CommandLineRun(["pending", "fire", "r1", "--state", bench.state]).status != 0)
    #expect(try await runs(bench, ["approve", "1"]).status != 0, "it is not said which branch is meant")
    #expect(try await runs(bench, ["resume-from", "ok", "2"]).status != 0, "a branch is not led by itself")
    #expect(try await runs(bench, ["approve", "2"]).status == 0)
    #expect(try await eventually { try await asking(bench) == 1 })
    // Beside the answer: it prints until the run has ended.
    let watched = Task { try await runs(bench, ["watch", "1"]) }
    #expect(try await runs(bench, ["approve", "1", "--comment", "go on"]).status == 0)
    try await bench.follow("told") { $0.first?["subject"]?.string == "team" }
    let end = try await watched.value
    #expect(end.status == 0 && end.output.hasSuffix("run 1 is done\n"))
    #expect(end.output.contains("run 3  ok  done"))
    let shown = try await runs(bench, ["show", "1"]).output
    #expect(shown.contains("told") && shown.contains("PARENT") && shown.contains("telling"))
    let position = try await bench.client.query(["runs", "1"])["position"]?.json ?? ""
    for choice in [["--event", position], ["--run", "1"]] {
      let tree = try await CommandLineRun(["graph", "--state", bench.state] + choice).output
      let lines = tree.split(separator: "\n").map { line in
        String(line.drop { !$0.isLetter }.split(separator: "  ").first ?? "")
      }
      #expect(lines.first == "ask #\(position)" && lines.contains { $0.hasPrefix("told #") }, "\(tree)")
      #expect(lines.contains("telling, run 4: done") && lines.contains("ok, run 2: done"), "\(tree)")
    }
    #expect(try await CommandLineRun(["graph", "--run", "9", "--state", bench.state]).status == 66)
    #expect(await host.end(SIGTERM) == .exited(0))
  }

  @Test func `a run that waits for a branch with which a person has to decide goes on when one has`()
    async throws
  {
    let rules = """
      listeners: { shop: { with: { faults: { refund: { message: closed, for_good: true } } } } }
      rules:
        pair:
          trigger: { type: pair }
          actions:
            - parallel:
                - id: charge
                  uses: shop.charge
                  with: { order: a, amount: 1 }
                  compensate: { uses: shop.refund, with: { order: a, payment: p } }
                - { id: rest, set: { x: 1 } }
            - { fail: on purpose }
      """
    let bench = try HostBench(rules: rules)
    defer { bench.remove() }
    let host = try await HostProcess.start(in: bench)
    try await bench.emit(#"{"type":"pair"}"#)
    try await bench.follow("earshot.run.stuck") { !$0.isEmpty }
    let listed = try await runs(bench, ["list"]).output
    #expect(listed.contains("charge.compensate") && listed.contains("waiting"))
    #expect(try await CommandLineRun(["dead", "drop", "2", "--state", bench.state]).status == 0)
    try await bench.follow("earshot.run.compensated") { $0.first?["data"]?["run"]?.json == "1" }
    #expect(await host.end(SIGTERM) == .exited(0))
  }
}
