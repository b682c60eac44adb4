// SPDX-License-Identifier: Apache-2.0

import EarshotHost
import EventModel
import FaultTesting
import Foundation
import Processes
import Testing

/// Many runs that wait for events of their own.
///
/// `EARSHOT_WAITING` says how many.
@Suite struct WaitingRunsTests {
  private static let count = FaultSize.of("EARSHOT_WAITING", short: 2000)
  private static let rules = """
    rules:
      order:
        trigger: { type: order }
        actions:
          - { id: ask, emit: { type: asked, subject: "${{ event.subject }}" } }
          - { id: answer, await: { type: paid, by: event.subject } }
          - { emit: { type: told, subject: "${{ event.subject }}" } }
    """

  @Test func `runs that wait cost rows of the log and no memory, and each hears its own event`() async throws
  {
    let bench = try HostBench(rules: Self.rules)
    defer { bench.remove() }
    var host = try await HostProcess.start(in: bench)
    let first = Self.count / 10
    try await send("order", 0..<first, bench)
    try await waitUntilAwaiting(bench)
    let before = try ProcessFigures(of: host.process.id).residentKilobytes
    try await send("order", first..<Self.count, bench)
    try await waitUntilAwaiting(bench)
    let growth = try ProcessFigures(of: host.process.id).residentKilobytes - before
    // A restart in between: nothing of it was in memory alone.
    #expect(await host.end(SIGTERM) == .exited(0))
    let clock = ContinuousClock()
    let beginning = clock.now
    host = try await HostProcess.start(in: bench)
    let start = clock.now - beginning
    try await send("paid", 0..<Self.count, bench)
    try await CrashLoad.waitUntilNothingIsOpen(bench)
    let rate = Double(Self.count) / ((clock.now - beginning - start) / .seconds(1))
    try await bench.emit(#"{"type":"marker"}"#)
    var told: [String: Int] = [:]
    try await bench.follow { events in
      if let event = events.last, event["type"]?.string == "told" {
        told[event["subject"]?.string ?? "", default: 0] += 1
      }
      return events.last?["type"]?.string == "marker"
    }
    #expect(told.count == Self.count && told.values.allSatisfy { $0 == 1 })
    #expect(growth < 65_536, "KiB for nine tenths of the runs")
    print(
      "waiting \(Self.count), \(growth) KiB more for nine tenths of them, start in \(start), "
        + "\(Int(rate)) answered a second"
    )
    #expect(await host.end(SIGTERM) == .exited(0))
  }

  private func send(_ type: String, _ numbers: Range<Int>, _ bench: HostBench) async throws {
    let path = bench.paths.eventSocket
    let events = numbers.map {
      #"{"type":"\#(type)","id":"\#(type)-\#($0)","source":"s","subject":"o/\#($0)"}"#
    }
    let isSent = await withCheckedContinuation { continuation in
      // It blocks, so it must hold no thread that others need.
      Thread.detachNewThread {
        continuation.resume(returning: (try? EventSocket(path))?.sendAll(events) ?? false)
      }
    }
    try #require(isSent)
  }

  /// Waits until every run waits.
  private func waitUntilAwaiting(_ bench: HostBench) async throws {
    let isThere = try await eventually(within: .seconds(600)) {
      let states = "queued,behind,pending,running"
      return try await bench.client.query(["runs"], [("state", states), ("limit", "1")]) == []
    }
    try #require(isThere)
  }
}
