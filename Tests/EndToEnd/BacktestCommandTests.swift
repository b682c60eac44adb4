// SPDX-License-Identifier: Apache-2.0

import EarshotHost
import EventModel
import Foundation
import Testing

@Suite struct BacktestCommandTests {
  private static let rules = """
    rules:
      large:
        trigger: { type: order }
        condition: event.data.total > 100.0
        actions: [ { emit: { type: order.large, data: { total: "${{ event.data.total }}" } } } ]
    """

  @Test func `rules in files are compared with those in force, and with older ones`() async throws {
    let bench = try HostBench(rules: Self.rules)
    defer { bench.remove() }
    func backtest(_ arguments: String...) async throws -> CommandLineRun {
      let place = ["--state", bench.state, "--plugins", bench.plugins]
      return try await CommandLineRun(["backtest", bench.rules] + arguments + place)
    }
    #expect(try await backtest().status == 66)
    let host = try await HostProcess.start(in: bench)
    for total in [50, 150, 250] { try await bench.emit(#"{"type":"order","data":{"total":\#(total)}}"#) }
    let same = try await backtest()
    #expect(same.status == 0 && same.output.contains("no difference"))
    try bench.write(rules: Self.rules.replacing("> 100.0", with: "> 200.0"))
    let other = try await backtest("--json")
    #expect(other.status == 1)
    let report = try JSONValue(json: Array(other.output.utf8))
    guard case .array(let lines)? = report["rules"], let line = lines.first else { throw CancellationError() }
    #expect(line["lost"]?.int == 1 && line["gained"]?.int == 0 && line["changed"]?.int == 0)
    #expect(line["firings"]?.json == #"{"before":2,"after":1}"#)
    let revision = report["compared"]?["before"]?.string ?? ""
    #expect(try await backtest("--against", "\(revision.prefix(6))").status == 1)
    #expect(try await backtest("--against", "nothing").status == 66)
    #expect(try await backtest("--since", "2999-01-01T00:00:00Z").status == 0)
    try bench.write(rules: "rules: { r: { trigger: {} } }")
    #expect(try await backtest().status == 65)
    _ = await host.end(SIGTERM)
  }
}
