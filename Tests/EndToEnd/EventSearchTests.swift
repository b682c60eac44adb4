// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Testing

/// The built program finds events, beside a host and without one.
@Suite struct EventSearchTests {
  private static let rules = """
    rules:
      large: { trigger: { type: order }, condition: event.data.total > 10.0, actions: [ { emit: { type: large, data: { of: "${{ event.subject }}" } } } ] }
      note: { trigger: { type: large }, actions: [ { id: say, emit: { type: noted } }, { id: end, emit: { type: ended } } ] }
    """

  @Test func `events are found and shown the same beside a host and without one`() async throws {
    let bench = try HostBench(rules: Self.rules)
    defer { bench.remove() }
    let host = try await HostProcess.start(in: bench)
    let first = try await bench.emit(#"{"type":"order","subject":"o/1","id":"one","data":{"total":5}}"#)
    let second = try await bench.emit(#"{"type":"order","subject":"o/2","id":"two","data":{"total":50}}"#)
    try await bench.emit(#"{"type":"order","data":{"color":"\u001b[31mred"}}"#)
    try await bench.follow("ended") { $0.count == 1 }
    func ask(_ arguments: String...) async throws -> CommandLineRun {
      try await CommandLineRun(arguments + ["--state", bench.state])
    }
    func check() async throws {
      let large = try await ask("events", "--where", "event.data.total > 10.0", "--type", "ord*")
      #expect(large.status == 0 && large.output.split(separator: "\n").count == 1)
      #expect(large.output.hasPrefix("\(second) "))
      #expect(large.errors == "the condition has no value for 1 event\n")
      let subjects = try await ask("events", "--subject", "o/*", "--json", "--from", "\(first)")
      #expect(subjects.output.split(separator: "\n").count == 2)
      #expect(try await ask("events", "--subject", "o/1", "--count").output == "1\n")
      let chain = try await ask("events", "--correlation", "two", "--by", "type")
      #expect(chain.output.split(separator: "\n").count == 5, "\(chain.output)")
      #expect(try await ask("events", "--until", "1h", "--count").output == "0\n")
      let wrong = try await ask("events", "--where", "event.data.total >")
      #expect(wrong.status == 64 && wrong.errors.contains("where:1:19: error: "), "\(wrong.errors)")
      #expect(try await ask("events", "--since", "soon").status == 64)
      let escaped = try await ask("events", "--type", "order")
      #expect(!escaped.output.contains("\u{1b}") && escaped.output.contains("\\u001b[31mred"))
      let all = try await ask("events", "--all", "--json")
      #expect(all.output.contains("\"earshot.rules.text\"") && all.output.contains("\"ended\""))
      let tree = try await ask("show", "two")
      let lines = tree.output.split(separator: "\n").map(String.init)
      let shape = lines.drop { !$0.hasPrefix("order #") }.map { line in
        line.replacing(/[0-9.]+ ms|, run [0-9]+|#[0-9]+/, with: "").replacing(/\s+$/, with: "")
      }
      #expect(
        shape == [
          "order", "└─ large: done", "   └─ large", "      └─ note: done", "         ├─ say: done",
          "         ├─ end: done", "         ├─ noted", "         └─ ended",
        ]
      )
      let json = try JSONValue(json: Array(try await ask("show", "\(second)", "--json").output.utf8))
      #expect(json["tree"]?["runs"] != nil && json["event"]?["id"]?.string == "two")
      #expect(try await ask("show", "nothing").status == 66)
      #expect(try await ask("show", "999999").status == 66)
    }
    try await check()
    _ = await host.end(SIGTERM)
    try await check()
  }
}
