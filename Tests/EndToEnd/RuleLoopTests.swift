// SPDX-License-Identifier: Apache-2.0

import EarshotHost
import EventModel
import Foundation
import FaultTesting
import Processes
import Testing

/// Rules whose events trigger each other.
///
/// `EARSHOT_LOOPS` says how often each loop is entered.
@Suite struct RuleLoopTests {
  private static let entries = FaultSize.of("EARSHOT_LOOPS", short: 10)

  @Test func `loops of events end at the limit, the rule is named, and the host comes to rest`() async throws
  {
    let bench = try HostBench(
      rules: """
        rules:
          to-pong: { trigger: { type: ping }, actions: { emit: { type: pong } } }
          to-ping: { trigger: { type: pong }, actions: { emit: { type: ping } } }
          to-paper: { trigger: { type: stone }, actions: { emit: { type: paper } } }
          to-scissors: { trigger: { type: paper }, actions: { emit: { type: scissors } } }
          to-stone: { trigger: { type: scissors }, actions: { emit: { type: stone } } }
          other: { trigger: { type: question }, actions: { emit: { type: answer } } }
        """
    )
    defer { bench.remove() }
    let host = try await HostProcess.start(in: bench)
    for _ in 0..<Self.entries {
      try await bench.emit(#"{"type":"ping"}"#)
      try await bench.emit(#"{"type":"stone"}"#)
    }
    #expect(try await eventually { try await isAtRest(bench) })
    try await bench.emit(#"{"type":"question"}"#)
    let all = try await bench.follow { $0.last?["type"]?.string == "answer" }
    let types = Dictionary(grouping: all) { $0["type"]?.string ?? "" }.mapValues(\.count)
    // The first one and the sixteen that may follow from it.
    #expect((types["ping"] ?? 0) + (types["pong"] ?? 0) == 17 * Self.entries)
    #expect(["stone", "paper", "scissors"].reduce(0) { $0 + (types[$1] ?? 0) } == 17 * Self.entries)
    let dead = try await deadRuns(bench)
    let rules = Dictionary(grouping: dead) { $0["rule"]?.string ?? "" }.mapValues(\.count)
    #expect(
      rules == ["to-pong": Self.entries, "to-scissors": Self.entries],
      "the rule at the limit is named"
    )
    #expect(dead.allSatisfy { $0["failure"]?.string?.contains("taken for a loop") == true })
    #expect(host.errors.contains("of 'to-pong' is dead: "))
    let used = try await processorTime(of: host, during: .seconds(1))
    #expect(used < 0.3, "the host goes on working")
    #expect(await host.end(SIGTERM) == .exited(0))
    print(
      "loops \(2 * Self.entries) ended after 17 events, \(dead.count) runs named, then \(used) s of work in a second"
    )
  }

  @Test func `a rule is not triggered by what its own run writes, but by what others write there`()
    async throws
  {
    let bench = try HostBench(
      rules: Self.fileLoop(#"uses: file.write, with: { path: "ROOT/file", content: own }"#)
    )
    defer { bench.remove() }
    let host = try await HostProcess.start(in: bench)
    for turn in 1...3 {
      try "other \(turn)".write(toFile: bench.work + "/file", atomically: true, encoding: .utf8)
      try await bench.follow("turned") { $0.count == turn }
      #expect(
        try await eventually { try String(contentsOfFile: bench.work + "/file", encoding: .utf8) == "own" }
      )
    }
    // What is written last is heard last.
    try "".write(toFile: bench.work + "/last", atomically: true, encoding: .utf8)
    try await bench.follow("turned") { $0.count == 4 }
    // What the last run has written is an event as well, and comes by itself.
    try await bench.follow { $0.count { $0["type"]?.string?.hasPrefix("file.") == true } > 4 }
    #expect(try await eventually { try await isAtRest(bench) })
    try await bench.emit(#"{"type":"question"}"#)
    let all = try await bench.follow { $0.last?["type"]?.string == "answer" }
    #expect(all.count { $0["type"]?.string == "turned" } == 4)
    #expect(await host.end(SIGTERM) == .exited(0))
  }

  /// When nobody says what a run writes, there is no chain of causes over a file: such a loop goes on, as slowly as files
  /// come to rest.
  @Test
  func `a rule that writes the file that it watches keeps nobody else from working, and a throttle ends it`()
    async throws
  {
    let bench = try HostBench(rules: Self.fileLoop(Self.secretly))
    defer { bench.remove() }
    let host = try await HostProcess.start(in: bench)
    try "start".write(toFile: bench.work + "/file", atomically: true, encoding: .utf8)
    try await bench.follow("turned") { $0.count == 20 }
    for _ in 0..<10 { try await bench.emit(#"{"type":"question"}"#) }
    try await bench.follow("answer") { $0.count == 10 }
    try bench.write(rules: Self.fileLoop(Self.secretly, throttle: "throttle: { limit: 3, per: 1h }"))
    _ = try await bench.client.post(["reload"])
    #expect(try await eventually { try await isAtRest(bench) })
    #expect(await host.end(SIGTERM) == .exited(0))
  }

  /// Writes the file without saying so.
  private static let secretly = #"run: [sh, -c, "echo $EARSHOT_EVENT_ID > ROOT/file"]"#

  private static func fileLoop(_ step: String, throttle: String = "") -> String {
    """
    listeners: { file: { with: { roots: ["ROOT"] } } }
    sources: { here: { uses: files, with: { paths: ["ROOT"] } } }
    rules:
      turn:
        trigger: { type: [file.created, file.modified], source: here }
        \(throttle)
        actions:
          - { \(step) }
          - emit: { type: turned }
      other: { trigger: { type: question }, actions: { emit: { type: answer } } }
    """
  }

  private func isAtRest(_ bench: HostBench) async throws -> Bool {
    let states = "queued,behind,pending,running,waiting"
    return try await bench.client.query(["runs"], [("state", states), ("limit", "1")]) == []
  }

  private func deadRuns(_ bench: HostBench) async throws -> [JSONValue] {
    let query = [("state", "dead"), ("limit", "10000")]
    guard case .array(let runs) = try await bench.client.query(["runs"], query) else { return [] }
    return runs
  }

  /// How much processor time the host uses in some time, in seconds.
  private func processorTime(of host: HostProcess, during span: Duration) async throws -> Double {
    let before = try ProcessFigures(of: host.process.id).processorSeconds
    let end = ContinuousClock.now + span
    _ = try await eventually { ContinuousClock.now >= end }
    return try ProcessFigures(of: host.process.id).processorSeconds - before
  }
}
