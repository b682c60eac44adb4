// SPDX-License-Identifier: Apache-2.0

import EarshotHost
import EventModel
import FaultTesting
import Foundation
import Processes
import Testing

/// Tests of rules that are written from what has happened.
@Suite struct CaptureTests {
  private static let rules = """
    rules:
      greet:
        trigger: { type: order.created }
        condition: event.data.total > 10
        actions:
          - { id: count, run: [echo, "${{ event.subject }}"] }
          - { id: tell, uses: log.write, with: { message: "an order over ${{ steps.count.output.stdout }}" } }
          - { emit: { type: order.large, subject: "${{ event.subject }}", data: { total: "${{ event.data.total }}" } } }
      follow:
        trigger: { type: order.large }
        actions: [ { id: say, uses: log.write, with: { message: "${{ event.subject }}" } } ]
    """

  @Test func `writes tests that pass, of all rules that an event has led to`() async throws {
    let bench = try HostBench(rules: Self.rules)
    defer { bench.remove() }
    let host = try await HostProcess.start(in: bench)
    let position = try await bench.emit(#"{"type":"order.created","subject":"o1","data":{"total":12}}"#)
    let isDone = try await eventually {
      try await bench.runs().compactMap { $0["state"]?.string } == ["done", "done"]
    }
    #expect(isDone)
    #expect(await host.end(SIGTERM) == .exited(0))
    let captured = try await CommandLineRun(["test", "capture", "\(position)", "--state", bench.state])
    #expect(captured.status == 0)
    let parts = captured.output.components(separatedBy: "# rules: ").dropFirst()
    #expect(parts.map { $0.prefix { $0 != "\n" } } == ["follow", "greet"], "\(captured.output)")
    var text = Self.rules
    for part in parts {
      let lines = part.split(separator: "\n", omittingEmptySubsequences: false)
      let rule = String(lines[0])
      let trigger =
        rule == "greet" ? "    trigger: { type: order.created }" : "    trigger: { type: order.large }"
      text = text.replacing(trigger, with: lines.dropFirst().joined(separator: "\n") + trigger)
    }
    try bench.write(rules: text)
    let passed = try await CommandLineRun(["test", bench.rules])
    #expect(passed.status == 0 && passed.output.contains("2 passed, 0 failed"), "\(text)\n\(passed.output)")
    try bench.write(rules: text.replacing(#"message: "an order over"#, with: #"message: "an order of"#))
    #expect(try await CommandLineRun(["test", bench.rules]).status == 1)
    let nothing = try await CommandLineRun(["test", "capture", "999", "--state", bench.state])
    #expect(nothing.status == 66)
  }
}
