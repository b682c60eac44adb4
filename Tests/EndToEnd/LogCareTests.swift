// SPDX-License-Identifier: Apache-2.0

import EarshotHost
import EventModel
import Foundation
import Testing

/// The built program looks after a log, beside a host and without one.
@Suite struct LogCareTests {
  private static let rules = """
    rules:
      note: { trigger: { type: order }, actions: [ { emit: { type: noted, data: { of: "${{ event.subject }}" } } } ] }
      hold: { trigger: { type: held }, actions: [ { wait: 1h }, { emit: { type: never } } ] }
    """

  private func ask(_ bench: HostBench, _ arguments: String..., input: String? = nil, fails: String? = nil)
    async throws -> CommandLineRun
  {
    try await CommandLineRun(
      arguments + ["--state", bench.state],
      adding: fails.map { ["EARSHOT_FAILPOINT": $0] } ?? [:],
      input: input
    )
  }

  /// The events of a log without their positions.
  private func events(_ bench: HostBench) async throws -> [String] {
    let lines = try await ask(bench, "log", "export").output.split(separator: "\n")
    return lines.map { String($0).replacing(/"sequence":"[0-9]+",/, with: "") }
  }

  private func verify(_ bench: HostBench) async throws -> JSONValue {
    let run = try await ask(bench, "log", "verify", "--json")
    #expect(run.status == 0, "\(run.output)")
    return try JSONValue(json: Array(run.output.utf8))
  }

  @Test func `what is exported can be read into an empty log, and is the same there`() async throws {
    let bench = try HostBench(rules: Self.rules)
    let copy = try HostBench(rules: Self.rules)
    defer {
      bench.remove()
      copy.remove()
    }
    let host = try await HostProcess.start(in: bench)
    for number in 1...5 {
      try await bench.emit(#"{"type":"order","subject":"o/\#(number)","id":"\#(number)","data":{"n":1e2}}"#)
    }
    try await bench.follow("noted") { $0.count == 5 }
    let file = bench.root + "/archive.ndjson"
    let written = try await ask(bench, "log", "export", "-o", file)
    #expect(written.status == 0 && written.errors.contains("events are in"))
    #expect(try await ask(bench, "log", "export", "-o", file).status == 64, "nothing is written over")
    let orders = try await ask(bench, "log", "export", "--type", "order", "--where", "event.subject != 'o/3'")
    #expect(orders.output.split(separator: "\n").count == 4)
    _ = await host.end(SIGTERM)
    let first = try await ask(copy, "log", "import", file)
    #expect(first.status == 0 && first.output.contains("events are imported; read up to line"), "\(first)")
    #expect(try await events(copy) == events(bench))
    let second = try await ask(copy, "log", "import", file)
    #expect(second.output.hasPrefix("0 events are imported, "), "\(second)")
    _ = try await verify(copy)
    let again = try await HostProcess.start(in: copy)
    #expect(try await copy.runs().isEmpty, "nothing follows from what was imported")
    _ = await again.end(SIGTERM)
  }

  @Test func `events are read into a host's log, and shown to rules only if that is wanted`() async throws {
    let bench = try HostBench(rules: Self.rules)
    defer { bench.remove() }
    let host = try await HostProcess.start(in: bench)
    let event = { (id: String) in
      #"{"specversion":"1.0","id":"\#(id)","source":"x","type":"order","subject":"\#(id)","recordedtime":"2020-01-01T00:00:00Z"}"#
    }
    let quiet = try await ask(bench, "log", "import", "-", input: event("a") + "\n\n" + event("b"))
    #expect(quiet.output == "2 events are imported; read up to line 3\n", "\(quiet)")
    let loud = try await ask(bench, "log", "import", "-", "--trigger", input: event("c") + "\n" + event("a"))
    #expect(loud.output == "1 events are imported, 1 were there already; read up to line 2\n", "\(loud)")
    let noted = try await bench.follow("noted") { $0.count == 1 }
    #expect(noted[0]["data"]?["of"]?.string == "c")
    let imported = try await ask(bench, "events", "--subject", "a", "--json")
    let position = try JSONValue(json: Array(imported.output.utf8))["sequence"]?.string ?? ""
    let why = try await CommandLineRun(["why", position, "--state", bench.state, "--plugins", bench.plugins])
    #expect(why.output.contains("came from another log"), "\(why)")
    let lines = event("d") + "\n" + #"{"type":"order"}"# + "\n" + event("e") + "\n"
    let broken = try await ask(bench, "log", "import", "-", input: lines)
    #expect(
      broken.status == 65 && broken.output.hasSuffix("1 are no events; read up to line 1\n"),
      "\(broken)"
    )
    #expect(broken.errors.hasPrefix("stdin:2:16: error: the attribute 'id' is missing ["), "\(broken)")
    let rest = try await ask(bench, "log", "import", "-", "--skip-invalid", input: lines)
    #expect(rest.output.hasPrefix("1 events are imported, 1 were there already, 1 are no events"), "\(rest)")
    #expect(try await ask(bench, "log", "import", "/nonexistent").status == 66)
    _ = await host.end(SIGTERM)
    #expect(try await ask(bench, "log", "import", "-", "--trigger", input: event("z")).status != 0)
    _ = try await verify(bench)
  }

  @Test func `old events are forgotten by hand, beside a host and without one`() async throws {
    let bench = try HostBench(rules: Self.rules)
    defer { bench.remove() }
    let host = try await HostProcess.start(in: bench)
    for type in ["a", "b", "held", "a", "b"] { try await bench.emit(#"{"type":"\#(type)"}"#) }
    let last = try await bench.emit(#"{"type":"last"}"#)
    let shown = try await ask(bench, "log", "prune", "--before", "\(last)", "--type", "a", "--dry-run")
    #expect(shown.output.contains("a     2") && shown.status == 0, "\(shown)")
    #expect(try await ask(bench, "log", "prune", "--before", "\(last)").status == 64, "nobody says yes")
    let typed = try await ask(bench, "log", "prune", "--before", "\(last)", "--type", "a", "--yes")
    #expect(typed.output.hasSuffix("2 events are forgotten\n"), "\(typed)")
    #expect(try await ask(bench, "events", "--type", "a", "--count").output == "0\n")
    _ = try await verify(bench)
    let numbers = try JSONValue(json: Array(try await ask(bench, "log", "stats", "--json").output.utf8))
    #expect(numbers["runs"]?["waiting"]?.int == 1 && numbers["bytes"]?["database"]?.int ?? 0 > 0)
    let table = try await ask(bench, "log", "stats")
    #expect(table.status == 0 && table.output.contains("held") && table.output.contains("schema   version "))
    _ = await host.end(SIGTERM)
    let all = try await ask(bench, "log", "prune", "--before", "0s", "--yes", "--json")
    #expect(all.status == 0, "\(all)")
    let kept = try await ask(bench, "events", "--by", "type")
    #expect(kept.output.contains("held") && kept.output.contains("earshot.rules.text"), "\(kept)")
    #expect(!kept.output.contains("\nb "), "\(kept)")
    _ = try await verify(bench)
    #expect(try await ask(bench, "log", "prune", "--before", "soon", "--yes").status == 64)
  }

  private func holds(_ bench: HostBench, _ text: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: bench.state).filter { name in
      let data = FileManager.default.contents(atPath: bench.state + "/" + name) ?? Data()
      return data.range(of: Data(text.utf8)) != nil
    }
  }

  @Test func `personal data is erased beside a host, and nothing of it is left on the disk`() async throws {
    let bench = try HostBench(rules: Self.rules)
    defer { bench.remove() }
    let host = try await HostProcess.start(in: bench)
    let canary = "ada-canary-4711"
    for number in 1...3 {
      try await bench.emit(#"{"type":"order","subject":"\#(canary)","id":"\#(canary)-\#(number)"}"#)
    }
    try await bench.emit(#"{"type":"held","subject":"\#(canary)"}"#)
    try await bench.emit(#"{"type":"order","subject":"somebody else"}"#)
    try await bench.follow("noted") { $0.count == 4 }
    let condition = "event.subject == '\(canary)' || event.type == 'noted' && event.data.of == '\(canary)'"
    let shown = try await ask(bench, "log", "erase", "--where", condition, "--dry-run")
    #expect(shown.output.contains("noted  3") && shown.output.contains("order  3"), "\(shown)")
    #expect(try await ask(bench, "log", "erase", "--where", condition, "--yes").status == 64, "no reason")
    let erased = try await ask(
      bench,
      "log",
      "erase",
      "--where",
      "event.type == 'noted' && event.data.of == '\(canary)'",
      "--reason",
      "no 7",
      "--yes"
    )
    #expect(erased.status == 0 && erased.output.hasSuffix("3 events are erased\n"), "\(erased)")
    let rest = try await ask(bench, "log", "erase", "--subject", canary, "--reason", "no 7", "--yes")
    #expect(rest.status == 1 && rest.output.contains("1 stay, since runs that are not over"), "\(rest)")
    guard case .array(let runs) = try await bench.client.query(["runs"], [("rule", "hold")]),
      let run = runs.first?["run"]?.json
    else { throw CancellationError() }
    _ = try await bench.client.post(["runs", run, "cancel"])
    let last = try await ask(
      bench,
      "log",
      "erase",
      "--subject",
      canary,
      "--reason",
      "no 7",
      "--yes",
      "--json"
    )
    #expect(last.status == 0 && last.output.contains(#""erased":1"#), "\(last)")
    #expect(try holds(bench, canary) == [])
    let told = try await ask(bench, "events", "--type", "earshot.log.erased", "--json")
    #expect(told.output.split(separator: "\n").count == 3 && told.output.contains(#""reason":"no 7""#))
    #expect(try await verify(bench)["erased"]?.int == 7)
    #expect(try await ask(bench, "events", "--subject", "somebody else", "--count").output == "1\n")
    _ = await host.end(SIGTERM)
    #expect(try holds(bench, canary) == [])
    _ = try await verify(bench)
  }

  #if DEBUG
    @Test(arguments: ["erasing:2", "transaction-written:2", "transaction-committed:2"])
    func `an erasure that is killed leaves a log that is proved, and goes on`(point: String) async throws {
      let bench = try HostBench(rules: Self.rules)
      defer { bench.remove() }
      let canary = "ada-canary-4711"
      let lines = (1...900).map { number in
        #"{"specversion":"1.0","id":"\#(canary)-\#(number)","source":"x","type":"t","subject":"\#(canary)"}"#
      }
      let read = try await ask(bench, "log", "import", "-", input: lines.joined(separator: "\n"))
      #expect(read.output.hasPrefix("900 events are imported"), "\(read)")
      let killed = try await ask(
        bench,
        "log",
        "erase",
        "--subject",
        canary,
        "--reason",
        "a test",
        "--yes",
        fails: point
      )
      #expect(killed.status == nil, "it was to be killed: \(killed)")
      let found = try await verify(bench)["erased"]?.int
      #expect(found == (point.hasPrefix("transaction-committed") ? 400 : 200))
      let again = try await ask(bench, "log", "erase", "--subject", canary, "--reason", "a test", "--yes")
      #expect(again.status == 0, "\(again)")
      #expect(try await verify(bench)["erased"]?.int == 900)
      #expect(try holds(bench, canary) == [])
    }
  #endif
}
