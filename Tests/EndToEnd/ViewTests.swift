// SPDX-License-Identifier: Apache-2.0

import EarshotHost
import EventModel
import Foundation
import Processes
import Synchronization
import Testing

/// The example views over the orders that the shop's rules see to, asked in all ways.
@Suite struct ViewTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
    .standardized

  private static let listeners = "listeners: { shop: { with: { books: \"ROOT/books\" } } }"

  /// A bench with the example's rules and views.
  private static func bench() throws -> HostBench {
    let bench = try HostBench(rules: listeners)
    for name in ["orders-choreography", "order-views"] {
      let example = root.appending(path: "Rules/\(name).yaml").path
      try FileManager.default.copyItem(atPath: example, toPath: bench.rules + "/\(name).yaml")
    }
    return bench
  }

  private static func order(_ number: Int, _ bench: HostBench) async throws -> Int64 {
    let event = #"""
      {"type":"OrderCreated","subject":"order/\#(number)","time":"2026-01-3\#(number % 2)T10:00:00Z",
      "data":{"total":\#(number).5,"address":"\#(number) Main Street"}}
      """#
    return try await bench.emit(event.replacing("\n", with: ""))
  }

  private static func run(_ bench: HostBench, _ words: String...) async throws -> CommandLineRun {
    try await CommandLineRun(words + ["--state", bench.state])
  }

  @Test func `shows and answers what the example's events say, with a host and without`() async throws {
    let bench = try Self.bench()
    defer { bench.remove() }
    let host = try await HostProcess.start(in: bench)
    let first = try await Self.order(1, bench)
    // The view is inline: what is acknowledged is there.
    let taken = try await Self.run(bench, "view", "show", "orders", "order/1", "--json")
    #expect(taken.output.hasPrefix(#"{"key":"order/1","status":"#) && taken.status == 0)
    for number in 2...3 { _ = try await Self.order(number, bench) }
    let events = try await bench.follow("ShipmentDispatched") { $0.count == 3 }
    try await CrashLoad.waitUntilNothingIsOpen(bench)
    let last = events.compactMap { event in event["sequence"]?.string.flatMap { Int64($0) } }.max() ?? 0

    let rows = try await Self.run(
      bench,
      "query",
      "SELECT key, status, total, json_array_length(history) AS steps FROM orders ORDER BY key",
      "--csv",
      "--consistent-with",
      String(last)
    )
    #expect(
      rows.output == """
        key,status,total,steps
        order/1,dispatched,1.5,3
        order/2,dispatched,2.5,3
        order/3,dispatched,3.5,3

        """
    )
    let revenue = try await Self.run(
      bench,
      "query",
      "SELECT sum(payments) AS n, sum(revenue) AS revenue, max(largest) AS largest FROM revenue_by_day",
      "--json"
    )
    #expect(revenue.output == "{\"n\":3,\"revenue\":7.5,\"largest\":3.5}\n")
    let counted = try await Self.run(bench, "query", "SELECT status, count(*) AS n FROM orders GROUP BY 1")
    #expect(counted.output == "status      n\ndispatched  3\n")

    let past = try await Self.run(bench, "view", "show", "orders", "--at", String(first), "--json")
    #expect(past.output.split(separator: "\n").count == 1 && past.output.contains(#""status":"created""#))
    #expect(
      try await Self.run(bench, "view", "show", "orders", "order/2", "--at", String(first)).status == 66
    )
    let list = try await Self.run(bench, "view", "list")
    #expect(
      list.output.hasPrefix("VIEW") && list.output.contains("orders") && list.output.contains("following")
    )
    #expect(try await Self.run(bench, "view", "rebuild", "revenue_by_day").output.contains("is built: "))
    #expect(try await Self.run(bench, "view", "rebuild", "revenue").status == 66)
    #expect(await host.end(SIGTERM) == .exited(0))

    let alone = try await Self.run(bench, "query", "SELECT count(*) AS n FROM orders", "--json")
    #expect(alone.output == "{\"n\":3}\n" && alone.status == 0)
    let shown = try await Self.run(bench, "view", "show", "orders", "--limit", "1")
    #expect(shown.output.hasPrefix("key      status"))
    let earlier = try await Self.run(bench, "view", "show", "orders", "order/1", "--at", String(first))
    #expect(earlier.output.contains("created") && !earlier.output.contains("dispatched"))
    let state = try await Self.run(bench, "view", "list", "--json")
    #expect(state.output.contains(#""lag":{"events":0,"seconds":0}"#))
    #expect(try await Self.run(bench, "view", "show", "orders", "order/9").status == 66)
    let far = ["query", "SELECT count(*) FROM orders", "--consistent-with", "100000"]
    #expect(try await CommandLineRun(far + ["--state", bench.state]).status == 69)
  }

  @Test func `tells of rows as they change`() async throws {
    let bench = try Self.bench()
    defer { bench.remove() }
    let host = try await HostProcess.start(in: bench)
    let isHeard = Atomic(false)
    async let produced: Void = {
      // Whoever follows says nothing before the first change.
      var number = 0
      while !isHeard.load(ordering: .relaxed) {
        number += 1
        _ = try await Self.order(number, bench)
      }
    }()
    struct Enough: Error {}
    var changes: [JSONValue] = []
    do {
      try await bench.client.followView("orders") { change in
        changes.append(try JSONValue(json: change))
        if changes.last?["row"]?["status"] == "dispatched" { throw Enough() }
      }
    } catch is Enough {}
    isHeard.store(true, ordering: .relaxed)
    try await produced
    #expect(
      changes.allSatisfy { $0["key"]?.string?.hasPrefix("order/") == true && $0["position"]?.int != nil }
    )
    #expect(changes.last?["row"]?["key"] == changes.last?["key"])
    await #expect(throws: HostFailure.self) { try await bench.client.followView("nothing") { _ in } }
    #expect(await host.end(SIGTERM) == .exited(0))
  }

  @Test func `answers over HTTP, and refuses what is no question`() async throws {
    let bench = try Self.bench()
    defer { bench.remove() }
    let host = try await HostProcess.start(in: bench)
    let position = try await Self.order(7, bench)
    func ask(_ question: JSONValue) async -> (answer: JSONValue?, status: Int32?) {
      do {
        return (try await bench.client.ask(question), nil)
      } catch {
        return (nil, (error as? HostFailure)?.status)
      }
    }
    let found = await ask([
      "sql": "SELECT key FROM orders", "limit": 10, "timeout": "30s",
      "consistent_with": .number("\(position)"),
    ])
    #expect(found.answer?["columns"] == ["key"] && found.answer?["rows"] == [["order/7"]])
    #expect(found.answer?["cut"] == false)
    let row = try await bench.client.view("orders", [("key", "order/7")])
    #expect(row["row"]?["total"] == .number("7.5"))
    #expect(await ask(["sql": "DELETE FROM orders"]).status == 65)
    #expect(await ask(["sql": "SELEC"]).status == 65)
    #expect(await ask(["sql": "SELECT 1", "limits": 1]).status == 65)
    #expect(await ask(["query": "SELECT 1"]).status == 65)
    #expect(
      await ask(["sql": "SELECT key FROM orders", "consistent_with": 1_000_000, "timeout": "1ms"]).status
        == 69
    )
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    #expect(await ask(["sql": .string(endless), "timeout": "20ms"]).status == 69)
    #expect(await host.end(SIGTERM) == .exited(0))
  }

  @Test func `is said to be wrong before a host starts with it`() async throws {
    let bench = try HostBench(
      rules: "views: { v: { key: event.id, columns: { n: integer }, events: { e: { set: { m: 1 } } } } }"
    )
    defer { bench.remove() }
    let check = try await CommandLineRun(["check", bench.rules, "--json"])
    #expect(check.status == 65 && check.output.contains("rule-unknown-column"))
  }
}
