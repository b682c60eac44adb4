// SPDX-License-Identifier: Apache-2.0

import EarshotHost
import EventModel
import FaultTesting
import Foundation
import Processes
import Testing

/// The example in which one rule leads an order, with the shop that fails as it is told.
@Suite struct OrchestrationTests {
  private static let example = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Rules/orders-orchestration.yaml").standardized.path

  private static func listeners(_ faults: String) -> String {
    "listeners: { shop: { with: { books: \"ROOT/books\", faults: { \(faults) } } } }"
  }

  private func bench(_ faults: String) throws -> HostBench {
    let bench = try HostBench(rules: Self.listeners(faults))
    try FileManager.default.copyItem(atPath: Self.example, toPath: bench.rules + "/orders.yaml")
    return bench
  }

  private func place(_ number: Int, _ bench: HostBench) async throws {
    let data = #""data":{"total":\#(number),"item":"tea","address":"1 Main Street"}"#
    try await bench.emit(#"{"type":"OrderPlaced","subject":"order/\#(number)",\#(data)}"#)
  }

  private func count(_ bench: HostBench, _ deed: String) -> Int {
    ((try? FileManager.default.contentsOfDirectory(atPath: bench.work + "/books/" + deed)) ?? []).count
  }

  private func states(_ bench: HostBench) async throws -> [String] {
    try await bench.runs().compactMap { $0["state"]?.string }
  }

  @Test func `leads an order through all steps, past a fault that passes`() async throws {
    let bench = try bench(
      "ship: { message: no courier is free, times: 2 }, mail: { message: full, for_good: true }"
    )
    defer { bench.remove() }
    let host = try await HostProcess.start(in: bench)
    try await place(1, bench)
    try await bench.follow("OrderCompleted") { !$0.isEmpty }
    try await CrashLoad.waitUntilNothingIsOpen(bench)
    #expect(
      ["reserve", "charge", "ship", "mail", "refund", "release"].map { count(bench, $0) } == [
        1, 1, 1, 0, 0, 0,
      ]
    )
    #expect(try await states(bench) == ["done"])
    #expect(await host.end(SIGTERM) == .exited(0))
  }

  @Test func `takes back what is done when a person cancels the run`() async throws {
    let bench = try bench("")
    defer { bench.remove() }
    let rule = """
      rules:
        slow:
          trigger: { type: Slow }
          actions:
            - uses: shop.charge
              with: { order: a, amount: 1 }
              compensate: { uses: shop.refund, with: { order: a, payment: p } }
            - wait: 1h
            - emit: { type: never }
      """
    try bench.write(rules: Self.listeners("") + "\n" + rule)
    let host = try await HostProcess.start(in: bench)
    try await bench.emit(#"{"type":"Slow"}"#)
    let waits = try await eventually {
      try await bench.client.query(["pending"], [("limit", "9")]) != []
    }
    #expect(waits)
    let run = try await CommandLineRun(["pending", "cancel", "r1", "--state", bench.state])
    #expect(run.status == 0, "\(run.output)")
    let back = try await bench.follow("earshot.run.compensated") { !$0.isEmpty }
    #expect(back[0]["data"]?["failure"]?.string == "it was cancelled")
    #expect(["charge", "refund"].map { count(bench, $0) } == [1, 1])
    #expect(try await states(bench) == ["compensated"])
    #expect(await host.end(SIGTERM) == .exited(0))
  }

  @Test func `a run asks a person, waits for the bank, and goes on over a restart of the host`() async throws
  {
    let bench = try HostBench(rules: Self.listeners(""))
    defer { bench.remove() }
    let refunds = URL(filePath: Self.example).deletingLastPathComponent().appending(path: "refunds.yaml")
    try FileManager.default.copyItem(atPath: refunds.path, toPath: bench.rules + "/refunds.yaml")
    var host = try await HostProcess.start(in: bench)
    try await bench.emit(#"{"type":"refund.asked","subject":"ada","data":{"amount":12.5}}"#)
    try await bench.follow("earshot.run.asked") { !$0.isEmpty }
    let pending = try await CommandLineRun(["pending", "--state", bench.state])
    #expect(pending.output.contains("await") && pending.output.contains("Refund 12.5 to ada?"))
    let wrong = try await CommandLineRun(["runs", "approve", "2", "--state", bench.state])
    #expect(wrong.status == 66, "\(wrong.output)")
    await host.end(SIGKILL)
    host = try await HostProcess.start(in: bench)
    try bench.write(rules: Self.listeners("mail: { message: full }"))
    let reloaded = try await bench.client.post(["reload"])
    guard case .object(let runs)? = reloaded["runs"] else { throw CancellationError() }
    #expect(runs.map { $0.value.json } == ["1"] && runs[0].key != reloaded["revision"]?.string)
    #expect(host.errors.contains("1 run goes on under revision \(runs[0].key)"))
    let yes = try await CommandLineRun(["runs", "approve", "1", "--comment", "go on", "--state", bench.state])
    #expect(yes.status == 0, "\(yes.output)")
    try await bench.follow("bank.order") { !$0.isEmpty }
    let asked = try await eventually {
      guard case .array(let items) = try await bench.client.query(["pending"], [("limit", "9")]) else {
        return false
      }
      return items.map { $0["kind"]?.string } == ["await"]
    }
    #expect(asked)
    await host.end(SIGKILL)
    host = try await HostProcess.start(in: bench)
    try await bench.emit(#"{"type":"bank.done","data":{"run":"1","ref":"r7"}}"#)
    let paid = try await bench.follow("refund.paid") { !$0.isEmpty }
    #expect(paid[0]["data"]?["ref"]?.string == "r7")
    #expect(try await bench.follow("bank.order") { !$0.isEmpty }.count == 1, "no step is made twice")
    #expect(await host.end(SIGTERM) == .exited(0))
  }

  @Test func `takes back what is done, the last first, and a run that cannot waits for a person`()
    async throws
  {
    let noCourier = "ship: { message: nobody goes there, for_good: true }"
    let bench = try bench(noCourier + ", refund: { message: the bank is closed, for_good: true }")
    defer { bench.remove() }
    let host = try await HostProcess.start(in: bench)
    try await place(1, bench)
    let stuck = try await bench.follow("earshot.run.stuck") { !$0.isEmpty }
    #expect(stuck[0]["data"]?["step"]?.string == "charge.compensate")
    #expect(stuck[0]["data"]?["failure"]?.string == "the bank is closed")
    #expect(try await states(bench) == ["stuck"])
    #expect(["reserve", "charge", "ship", "refund", "release"].map { count(bench, $0) } == [1, 1, 0, 0, 0])

    try bench.write(rules: Self.listeners(noCourier))
    host.process.signal(SIGHUP)
    try await bench.follow("earshot.rules.loaded") { $0.count == 2 }
    let listed = try await CommandLineRun(["dead", "list", "--state", bench.state])
    #expect(listed.output.contains("stuck") && listed.output.contains("the bank is closed"))
    let retried = try await CommandLineRun(["dead", "retry", "1", "--state", bench.state])
    #expect(retried.status == 0, "\(retried.output)")
    let back = try await bench.follow("earshot.run.compensated") { !$0.isEmpty }
    #expect(back[0]["data"]?["failure"]?.string == "nobody goes there")
    let shown = try await CommandLineRun(["runs", "show", "1", "--state", bench.state])
    let steps = shown.output.split(separator: "\n").map { $0.split(separator: " ").first ?? "" }
    #expect(
      steps.drop { $0 != "STEP" } == [
        "STEP", "reserve", "charge", "ship", "charge.compensate", "charge.compensate", "charge.compensate",
        "reserve.compensate",
      ],
      "\(shown.output)"
    )
    #expect(shown.output.contains("retried"), "what a person did is told, too")
    let full = try await CommandLineRun(["runs", "show", "1", "--full", "--state", bench.state])
    #expect(full.output.contains(#"given   {"order":"order/1""#), "\(full.output)")
    #expect(["reserve", "charge", "ship", "refund", "release"].map { count(bench, $0) } == [1, 1, 0, 1, 1])
    #expect(try await states(bench) == ["compensated"])
    #expect(await host.end(SIGTERM) == .exited(0))
  }
}
