// SPDX-License-Identifier: Apache-2.0

import EarshotHost
import EventModel
import Foundation
import Testing

@Suite struct ReplayCommandTests {
  private static let rules = """
    listeners:
      file: { with: { roots: ["ROOT"] } }
    rules:
      note:
        trigger: { type: x }
        actions: { uses: file.append, with: { path: "ROOT/ledger", content: "${{ event.data.n }}\\n" } }
    """

  private static func ledger(_ bench: HostBench) -> [String] {
    let text = (try? String(contentsOfFile: bench.work + "/ledger", encoding: .utf8)) ?? ""
    return text.split(separator: "\n").map(String.init)
  }

  private static func waitUntilQuiet(_ bench: HostBench) async throws {
    try await CrashLoad.waitUntilNothingIsOpen(bench)
    while try await bench.client.ask(["replays"]) != [] { await Task.yield() }
    try await CrashLoad.waitUntilNothingIsOpen(bench)
  }

  @Test func `events are sent again when asked twice, and the runs say so`() async throws {
    let bench = try HostBench(rules: Self.rules)
    defer { bench.remove() }
    let host = try await HostProcess.start(in: bench)
    let first = try await bench.emit(#"{"type":"x","data":{"n":1}}"#)
    try await bench.emit(#"{"type":"x","data":{"n":2}}"#)
    func replay(_ arguments: String...) async throws -> CommandLineRun {
      try await CommandLineRun(["replay"] + arguments + ["--state", bench.state])
    }
    // Nobody can be asked here.
    #expect(try await replay("--from", "\(first)", "--rule", "note").status == 64)
    #expect(try await replay("--from", "\(first)", "--rule", "none", "--yes").status == 66)
    try await Self.waitUntilQuiet(bench)
    #expect(Self.ledger(bench) == ["1", "2"])
    let begun = try await replay(
      "--from",
      "\(first)",
      "--rule",
      "note",
      "--where",
      "event.data.n > 1.0",
      "--yes",
      "--json"
    )
    #expect(begun.status == 0)
    let id = try JSONValue(json: Array(begun.output.utf8))["replay"]?.string ?? ""
    try await Self.waitUntilQuiet(bench)
    #expect(Self.ledger(bench) == ["1", "2", "2"])
    let runs = try await CommandLineRun(["runs", "--state", bench.state])
    #expect(runs.output.contains("done, replay \(id)"))
    #expect(try await replay("cancel", id).status == 66)
    _ = await host.end(SIGTERM)
  }

  @Test func `a replay goes on after its host was killed, and sends each event once`() async throws {
    let bench = try HostBench(rules: Self.rules)
    defer { bench.remove() }
    var host = try await HostProcess.start(in: bench)
    let events = (0..<600).map { #"{"type":"x","data":{"n":\#($0)}}"# }
    #expect(try EventSocket(bench.paths.eventSocket).sendAll(events))
    try await Self.waitUntilQuiet(bench)
    let wish = #"{"from":"1","rules":["note"],"pace":0.01}"#
    _ = try await bench.client.post(["replays"], body: Array(wish.utf8))
    let full = #"{"from":"1","rules":["note"]}"#
    _ = try await bench.client.post(["replays"], body: Array(full.utf8))
    for _ in 0..<3 {
      _ = await host.end(SIGKILL)
      host = try await HostProcess.start(in: bench)
    }
    guard case .array(let replays) = try await bench.client.ask(["replays"]) else {
      throw CancellationError()
    }
    for replay in replays where replay["pace"] != nil {
      _ = try await bench.client.post(["replays", replay["replay"]?.string ?? "", "cancel"])
    }
    try await Self.waitUntilQuiet(bench)
    guard case .array(let runs) = try await bench.client.query(["runs"], [("limit", "10000")]) else {
      throw CancellationError()
    }
    // One run for each event and replay, however often the host ended.
    let sent = Dictionary(grouping: runs.filter { $0["replay"] != nil }) {
      "\($0["replay"]?.json ?? "") \($0["position"]?.json ?? "")"
    }
    #expect(sent.values.allSatisfy { $0.count == 1 })
    #expect(
      Dictionary(grouping: sent.keys) { $0.split(separator: " ").first }.values.map(\.count).max() == 600
    )
    _ = await host.end(SIGTERM)
  }
}
