// SPDX-License-Identifier: Apache-2.0

import EarshotHost
import EventModel
import FaultTesting
import Foundation
import Processes
import Testing

/// Aggregates in plugins, with the built host and the built shop.
@Suite struct StockTests {
  private static let rules = """
    aggregates:
      stock: { uses: shop.stock }
    rules:
      deliver:
        trigger: { type: goods.delivered }
        actions:
          uses: aggregate.command
          with: { to: "stock/${{ event.data.item }}", command: Receive, data: { amount: "${{ event.data.amount }}" } }
    """

  private func run(_ arguments: [String], _ bench: HostBench) async throws -> CommandLineRun {
    try await CommandLineRun(arguments + ["--state", bench.state])
  }

  private func reserved(_ order: String, _ amount: Int, _ bench: HostBench, id: String? = nil) async throws
    -> JSONValue
  {
    try await bench.client.post(
      ["commands", "stock", "tea", "Reserve"],
      id.map { [("id", $0)] } ?? [],
      body: Array(#"{"order":"\#(order)","amount":\#(amount)}"#.utf8)
    )
  }

  /// Kills the plugins of a host.
  private func killPlugins(of host: HostProcess) -> Int {
    let plugins = ListedProcess.named(with: "earshot-listener-shop").filter { $0.parent == host.process.id }
    for plugin in plugins { kill(plugin.id, SIGKILL) }
    return plugins.count
  }

  @Test func `keeps stock by a plugin, over its end and that of the host`() async throws {
    let bench = try HostBench(rules: Self.rules)
    defer { bench.remove() }
    var host = try await HostProcess.start(in: bench)
    let received = try await run(["command", "stock/tea", "Receive", "amount=10"], bench)
    #expect(
      received.status == 0 && received.output.contains("stock.received at position"),
      "\(received.output)"
    )
    #expect(try await reserved("o7", 4, bench, id: "r7")["accepted"] == true)
    let refused = try await run(["command", "stock/tea", "Reserve", "order=o8", "amount=7", "--json"], bench)
    #expect(refused.status == 1 && refused.output.contains("only 6 of 10 are free"), "\(refused.output)")
    try await bench.follow("stock.refused") { $0.count == 1 }
    // What does not fit is refused before the plugin is asked.
    #expect(
      try await run(["command", "stock/tea", "Reserve", "order=o8", "amount=many"], bench).status == 65
    )

    for order in 8...10 {
      #expect(killPlugins(of: host) == 1)
      #expect(try await reserved("o\(order)", 2, bench)["accepted"] == true)
    }
    #expect(try await reserved("o7", 4, bench, id: "r7")["repeated"] == true)
    try await bench.emit(#"{"type":"goods.delivered","data":{"item":"tea","amount":5}}"#)
    try await bench.follow("stock.received") { $0.count == 2 }

    #expect(await host.end(SIGKILL) == .signalled(SIGKILL))
    host = try await HostProcess.start(in: bench)
    let shown = try await run(["aggregate", "show", "stock/tea"], bench)
    #expect(
      shown.output.contains("there: 15")
        && shown.output.contains(#"reserved: {"o10":2,"o7":4,"o8":2,"o9":2}"#),
      "\(shown.output)"
    )
    #expect(try await reserved("o7", 4, bench, id: "r7")["repeated"] == true)
    let past = try await run(["aggregate", "show", "stock/tea", "--version", "2", "--json"], bench)
    #expect(try JSONValue(json: Array(past.output.utf8))["state"] == ["there": 10, "reserved": ["o7": 4]])
    let history = try await run(["aggregate", "history", "stock/tea"], bench)
    #expect(history.output.split(separator: "\n").count == 7, "\(history.output)")
    let list = try await run(["aggregate", "list", "stock"], bench)
    #expect(list.output.contains("tea  6"), "\(list.output)")
    // Both under way at once, beside a reload that replaces the plugin's processes.
    async let reload = bench.client.post(["reload"])
    async let released = run(["command", "stock/tea", "Release", "order=o7"], bench)
    #expect(try await released.status == 0)
    _ = try await reload
    #expect(await host.end(SIGTERM) == .exited(0))
    let alone = try await run(["aggregate", "show", "stock/tea"], bench)
    #expect(alone.status == 69 && alone.output == "", "\(alone.output)")
    #expect(try await run(["aggregate", "list"], bench).output.contains("Receive Reserve Release"))
  }

  /// A plugin that does with the first word of a command's key as told.
  private static let hostile = #"""
    #!/usr/bin/env python3
    import json, os, sys, time
    def say(**message): print(json.dumps(message), flush=True)
    say(kind="hello", protocol=1, name="hostile", version="1", actions=[], aggregates=[
      {"name": "thing", "events": ["grown"], "commands": [{"name": "Grow", "parameters": {}}]}])
    for line in sys.stdin:
        message = json.loads(line)
        if message["kind"] == "stop": break
        if message["kind"] != "run": continue
        asked, id = message["with"], message["id"]
        size = (asked["state"] or {"size": 0})["size"] + len(asked["events"])
        deed = asked["key"].split("-")[0]
        if not asked["command"] or deed == "good":
            say(kind="ack", id=id, output={"state": {"size": size}, "events": [{"type": "grown"}]})
        elif deed == "die": os._exit(3)
        elif deed == "fail": say(kind="fail", id=id, message="no room")
        elif deed == "silent": say(kind="ack", id=id)
        elif deed == "number": say(kind="ack", id=id, output=7)
        elif deed == "both": say(kind="ack", id=id, output={"state": {}, "events": [], "refused": "no"})
        elif deed == "stray": say(kind="ack", id=id, output={"state": {"size": size}, "events": [{"type": "shrunk"}]})
        elif deed == "nonsense": print("what?", flush=True)
    """#

  @Test func `a plugin that does wrong fails its command, and nothing else`() async throws {
    let bench = try HostBench(rules: "aggregates: { thing: { uses: hostile.thing } }")
    defer { bench.remove() }
    try bench.add(plugin: "hostile", script: Self.hostile)
    let host = try await HostProcess.start(in: bench)
    let expected = [
      ("fail", "command-failed"), ("silent", "command-failed"), ("number", "command-failed"),
      ("both", "command-failed"), ("stray", "command-failed"), ("die", "command-busy"),
      ("nonsense", "command-busy"),
    ]
    for (number, (deed, code)) in expected.enumerated() {
      let error = await #expect(throws: HostFailure.self) {
        try await bench.client.post(["commands", "thing", deed, "Grow"])
      }
      #expect(error?.description.contains(code) == true, "\(deed): \(error?.description ?? "")")
      let good = try await run(["command", "thing/good-1", "Grow"], bench)
      #expect(good.status == 0 && good.output.contains("version \(number + 1)"), "\(deed): \(good.output)")
    }
    #expect(await host.end(SIGTERM) == .exited(0))
  }

  /// The example of the document speaks the wire as a plugin in Swift does.
  @Test func `a plugin in another language makes states, too`() async throws {
    let bench = try HostBench(rules: "aggregates: { counter: { uses: counter.counter } }")
    defer { bench.remove() }
    try bench.add(plugin: "counter", script: try MainPathTests.pythonOfTheDocument(1))
    let host = try await HostProcess.start(in: bench)
    for number in 1...3 {
      let counted = try await run(["command", "counter/door", "Count", "by=2"], bench)
      #expect(counted.output.contains("version \(number)"), "\(counted.output)")
    }
    let refused = try await run(["command", "counter/door", "Count", "by=5", "--json"], bench)
    #expect(refused.status == 1 && refused.output.contains("no more than 10"), "\(refused.output)")
    let shown = try await run(["aggregate", "show", "counter/door"], bench)
    #expect(shown.output.contains("count: 6"), "\(shown.output)")
    #expect(await host.end(SIGTERM) == .exited(0))
  }
}
