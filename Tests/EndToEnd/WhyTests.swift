// SPDX-License-Identifier: Apache-2.0

import EarshotHost
import EventModel
import Foundation
import Testing

/// Any event of the past can be asked for what decided about it, under the rules of that day.
@Suite struct WhyTests {
  @Test func `explains an event under the rules that were in force when it was recorded`() async throws {
    let rule = { (limit: Int) in
      "rules: { large: { trigger: { type: order }, condition: event.data.total > \(limit).0, actions: { emit: { type: large } } } }"
    }
    let bench = try HostBench(rules: rule(100))
    defer { bench.remove() }
    let host = try await HostProcess.start(in: bench)
    let first = try await bench.emit(#"{"type":"order","data":{"total":50}}"#)
    try bench.write(rules: rule(10))
    _ = try await bench.client.post(["reload"])
    let second = try await bench.emit(#"{"type":"order","data":{"total":50}}"#)
    let third = try await bench.emit(#"{"type":"order","data":{}}"#)
    func why(_ arguments: String...) async throws -> CommandLineRun {
      try await CommandLineRun(arguments + ["--state", bench.state, "--plugins", bench.plugins])
    }
    let missed = try await why("why", "\(first)")
    #expect(missed.output.contains("condition is false: event.data.total > 100.0  (event.data.total = 50)"))
    let matched = try await why("why", "\(second)", "--rule", "large")
    #expect(matched.output.contains("MATCHED  large"))
    let failed = try await why("why-not", "large", "\(third)", "--json")
    let answer = try JSONValue(json: Array(failed.output.utf8))
    guard case .array(let rules)? = answer["rules"] else { throw CancellationError() }
    #expect(rules.first?["verdict"]?.string == "error" && rules.first?["code"]?.string == "no-such-field")
    #expect(try await why("why", "99999").status == 66)
    #expect(try await why("why-not", "nope", "\(first)").status == 66)
    _ = await host.end(SIGTERM)
  }
}
