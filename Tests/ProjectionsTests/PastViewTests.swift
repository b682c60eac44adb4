// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Testing

@testable import Projections

@Suite struct PastViewTests {
  private static let text = """
    views:
      v:
        key: event.data.k
        columns: { sum: real }
        on_error: POLICY
        events: { e: { increment: { sum: event.data.x } } }
    """

  private static func bench(_ values: [JSONValue]) async throws -> ViewBench {
    let bench = try ViewBench()
    for (number, value) in values.enumerated() {
      try await bench.append("e", ["k": .string(number % 2 == 0 ? "a" : "b"), "x": value])
    }
    return bench
  }

  @Test(arguments: ["skip", "stop"])
  func `folds the log up to a position, as the view would have`(policy: String) async throws {
    let bench = try await Self.bench([1, 2, 4, "none", 16, 32])
    defer { bench.remove() }
    let view = try ViewText.view(Self.text.replacing("POLICY", with: policy))
    let past = PastView(view, log: bench.log)
    func sums(_ position: Int64, key: String? = nil) throws -> [String] {
      try past.answer(at: LogPosition(rawValue: position), key: key, limit: 10).rows.map {
        "\($0["key"]?.string ?? "")=\($0["sum"]?.json ?? "")"
      }
    }
    #expect(try sums(0) == [])
    #expect(try sums(3) == ["a=5", "b=2"])
    #expect(try sums(3, key: "b") == ["b=2"])
    // The one that stops has not seen what comes after the event that it cannot fold.
    #expect(try sums(6) == (policy == "skip" ? ["a=21", "b=34"] : ["a=5", "b=2"]))
    #expect(try sums(6, key: "a") == (policy == "skip" ? ["a=21"] : ["a=5"]))
    let answer = try past.answer(at: LogPosition(rawValue: 6), limit: 10)
    #expect(answer.errors == 1 && answer.position.rawValue == (policy == "skip" ? 6 : 3))
  }

  @Test func `leafs through rows, and says what the log has forgotten`() async throws {
    let bench = try await Self.bench([1, 2, 4, 8])
    defer { bench.remove() }
    try await bench.log.submit(LogChange(pruning: Pruning(before: LogPosition(rawValue: 3))))
    let past = PastView(try ViewText.view(Self.text.replacing("POLICY", with: "skip")), log: bench.log)
    let end = LogPosition(rawValue: 4)
    let first = try past.answer(at: end, limit: 1)
    #expect(first.rows.map(\.json) == [#"{"key":"a","sum":4}"#] && first.forgotten == 2)
    let second = try past.answer(at: end, after: "a", limit: 1)
    #expect(second.rows.map(\.json) == [#"{"key":"b","sum":8}"#])
    #expect(try past.answer(at: end, key: "b", limit: 1).forgotten == 2)
  }

  @Test func `ends when whoever asks has had enough`() async throws {
    struct Enough: Error {}
    let bench = try await Self.bench([1])
    defer { bench.remove() }
    let view = try ViewText.view(Self.text.replacing("POLICY", with: "stop"))
    let past = PastView(view, log: bench.log) { _ in throw Enough() }
    #expect(throws: Enough.self) { try past.answer(at: LogPosition(rawValue: 1), limit: 1) }
  }
}
