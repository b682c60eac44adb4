// SPDX-License-Identifier: Apache-2.0

import EarshotHost
import EventModel
import Foundation
import FaultTesting
import Processes
import Testing

/// A host under an even load, with a reader that follows the log and does not read.
///
/// `EARSHOT_SOAK` says for how many seconds.
@Suite struct SoakTests {
  private static let seconds = FaultSize.of("EARSHOT_SOAK", short: 5)
  /// So many events are sent at once, so often in a second.
  private static let batch = 200
  private static let batchesPerSecond = 10
  private static let mostLogKilobytes = 64 << 10
  private static let mostGrowth = 4096.0

  private static let rules = """
    rules:
      tenth:
        trigger: { type: soak, match: { data: { n: [ 0 ] } } }
        actions: { emit: { type: soaked } }
    """

  @Test func `memory, descriptors and the write-ahead log stay as they are`() async throws {
    let bench = try HostBench(rules: Self.rules)
    defer { bench.remove() }
    let host = try await HostProcess.start(in: bench)
    let reader = try EventSocket(bench.paths.controlSocket)
    #expect(reader.send("GET /v1/follow?from=1 HTTP/1.1\r\nHost: localhost\r\n\r\n"))
    let producer = try EventSocket(bench.paths.eventSocket)
    var samples: [(x: Double, y: Double)] = []
    var descriptors: Set<Int> = []
    var largestLog = 0
    let total = Self.seconds * Self.batchesPerSecond
    let start = ContinuousClock.now
    for number in 0..<total {
      let events = (0..<Self.batch).map { #"{"type":"soak","data":{"n":\#($0 % 10)}}"# }
      try #require(producer.sendAll(events))
      let figures = try ProcessFigures(of: host.process.id)
      largestLog = max(largestLog, Self.size(bench.paths.log + "-wal"))
      if number >= total / 4 {
        let second = (.now - start) / .seconds(1)
        samples.append((second, Double(figures.residentKilobytes)))
        descriptors.insert(figures.descriptors)
      }
      // The load is even: the next events are due then.
      try await ContinuousClock().sleep(
        until: start + .milliseconds(1000 / Self.batchesPerSecond) * (number + 1)
      )
    }
    let rate = Double(total * Self.batch) / ((.now - start) / .seconds(1))
    let fit = LinearFit(samples)
    #expect(fit.rise <= Self.mostGrowth, "the memory grows: \(samples.map(\.y))")
    #expect(descriptors.count == 1, "\(descriptors.sorted())")
    #expect(largestLog <= Self.mostLogKilobytes << 10)
    #expect(reader.hasUnread, "the slow reader has got nothing")
    print(
      "soak \(Self.seconds) s, \(total * Self.batch) events, \(Int(rate)) a second: memory",
      "\(Int(samples.last?.y ?? 0)) KiB and \(Int(fit.slope * 3600)) more in an hour, descriptors",
      "\(descriptors.sorted()), write-ahead log at most \(largestLog >> 10) KiB"
    )
    #expect(
      try await eventually {
        try await bench.client.query(["runs"], [("state", "pending,running"), ("limit", "1")]) == []
      }
    )
    #expect(await host.end(SIGTERM) == .exited(0))
  }

  private static func size(_ path: String) -> Int {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return attributes?[.size] as? Int ?? 0
  }
}
