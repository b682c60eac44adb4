// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Foundation
import Rules
import Testing

@testable import Projections

@Suite struct ViewKeeperTests {
  private static let long = Duration.seconds(1_000_000)

  private static func count(_ columns: String = "n: integer", _ change: String = "increment: { n: 1 }") throws
    -> [ViewDefinition]
  {
    try ViewText.views(
      "views: { v: { key: event.data.k, columns: { \(columns) }, events: { e: { \(change) } } } }"
    )
  }

  /// Calls `body` with a keeper of some views, and ends it.
  private static func with<Value>(
    _ bench: ViewBench,
    _ views: [ViewDefinition],
    _ body: (ViewKeeper) async throws -> Value
  ) async throws -> Value {
    let keeper = bench.keeper()
    await keeper.use(views)
    do {
      let value = try await body(keeper)
      await keeper.close()
      return value
    } catch {
      await keeper.close()
      throw error
    }
  }

  @Test func `follows the log, stops and goes on where it was`() async throws {
    let bench = try ViewBench()
    defer { bench.remove() }
    let orders = try ViewText.views(ViewText.orders)
    try await bench.append(
      "OrderCreated",
      ["order": "a", "customer": "ada", "total": 10],
      time: "2026-01-31T10:00:00.5Z"
    )
    try await Self.with(bench, orders) { keeper in
      let position = try await bench.append("ItemAdded", ["order": "a", "price": 1, "tag": "x"])
      keeper.noteCommit()
      try await keeper.wait(for: ["orders"], at: position, within: Self.long)
      let status = try #require(try keeper.statuses().first)
      #expect(status.position == position && status.rows == 1 && status.state == .following)
    }
    try await bench.append("OrderPaid", ["order": "a"])
    try await Self.with(bench, orders) { keeper in
      try await keeper.wait(for: ["orders"], at: LogPosition(rawValue: 3), within: Self.long)
    }
    #expect(
      try bench.rows("orders") == [
        #"{"key":"a","customer":"ada","total":11,"status":"paid","items":1,"updated":"2026-01-31T10:00:00.500Z","tags":["x"]}"#
      ]
    )
    #expect(try bench.reader.row(of: "orders", key: "nobody").row == nil)
    #expect(throws: ViewFailure.self) { try bench.reader.rows(of: "nothing", limit: 1) }
  }

  @Test func `has no thread and no database without views`() async throws {
    let bench = try ViewBench()
    defer { bench.remove() }
    try await Self.with(bench, []) { keeper in
      let statuses = try keeper.statuses()
      #expect(statuses.isEmpty)
      #expect(await keeper.rebuild("v") == false)
    }
    #expect(!bench.reader.isThere)
  }

  @Test func `builds a view anew beside the old one when its definition changes, and drops one that is gone`()
    async throws
  {
    let bench = try ViewBench()
    defer { bench.remove() }
    for key in ["a", "b", "a"] { try await bench.append("e", ["k": .string(key), "x": 2]) }
    try await Self.with(bench, try Self.count()) { keeper in
      try await keeper.wait(for: ["v"], at: LogPosition(rawValue: 3), within: Self.long)
    }
    #expect(try bench.rows("v") == [#"{"key":"a","n":2}"#, #"{"key":"b","n":1}"#])
    let changed = try Self.count("sum: real", "increment: { sum: event.data.x }")
    let worker = try bench.worker(changed, batch: .init(events: 1, pages: 1, rows: 1))
    #expect(worker.statuses.map(\.state) == [.rebuilding])
    _ = try worker.advance()
    #expect(try bench.rows("v").first == #"{"key":"a","n":2}"#)
    #expect(worker.statuses.first?.rebuild?.position == LogPosition(rawValue: 1))
    while try worker.advance() {}
    #expect(try bench.rows("v") == [#"{"key":"a","sum":4}"#, #"{"key":"b","sum":2}"#])
    #expect(worker.statuses.map(\.state) == [.following])
    let left = try await Self.with(bench, []) { keeper in try keeper.statuses().count }
    #expect(left == 0)
    #expect(throws: ViewFailure.self) { try bench.rows("v") }
    #expect(bench.lines.contains("the view 'v' is built anew: its definition has changed"))
    #expect(bench.lines.contains("the view 'v' is gone: its table is dropped"))
  }

  @Test func `goes on with a table that was begun before a restart`() async throws {
    let bench = try ViewBench()
    defer { bench.remove() }
    for number in 1...10 { try await bench.append("e", ["k": .number("\(number % 3)")]) }
    let small = ViewWorker.Batch(events: 2, pages: 1, rows: 1)
    let first = try bench.worker(try Self.count(), batch: small)
    while try first.advance() {}
    #expect(try first.rebuild("v"))
    #expect(try !first.rebuild("w"))
    _ = try first.advance()
    let second = try bench.worker(try Self.count(), batch: small)
    #expect(second.statuses.first?.rebuild?.position == LogPosition(rawValue: 2))
    while try second.advance() {}
    #expect(second.statuses.map(\.state) == [.following])
    #expect(try bench.rows("v").count == 3)
  }

  @Test func `counts and shows what it skips`() async throws {
    let bench = try ViewBench()
    defer { bench.remove() }
    for value in ["1", "null", "\"x\"", "2"] {
      try await bench.append("e", ["k": "a", "x": try JSONValue(json: Array(value.utf8))])
    }
    let views = try Self.count("sum: real", "increment: { sum: event.data.x }")
    try await Self.with(bench, views) { keeper in
      try await keeper.wait(for: ["v"], at: LogPosition(rawValue: 4), within: Self.long)
    }
    #expect(try bench.rows("v") == [#"{"key":"a","sum":3}"#])
    let status = try #require(try bench.reader.statuses().first)
    #expect(status.errors == 2 && status.lastError?.position == LogPosition(rawValue: 3))
    #expect(
      status.lastError?.message
        == "sum: event.data.x: 'x' does not fit a column of type real (views.yaml:1:91)"
    )
  }

  @Test func `stops before what it must not skip, until the definition is changed`() async throws {
    let bench = try ViewBench()
    defer { bench.remove() }
    for value in ["1", "null", "2"] {
      try await bench.append("e", ["k": "a", "x": try JSONValue(json: Array(value.utf8))])
    }
    let text = """
      views:
        v:
          key: event.data.k
          columns: { sum: real }
          on_error: stop
          events: { e: { increment: { sum: "VALUE" } } }
      """
    for _ in 1...2 {
      let strict = try ViewText.views(text.replacing("VALUE", with: "event.data.x"))
      try await Self.with(bench, strict) { keeper in
        await #expect(throws: ViewFailure.self) {
          try await keeper.wait(for: ["v"], at: LogPosition(rawValue: 3), within: Self.long)
        }
        let status = try #require(try keeper.statuses().first)
        #expect(status.state == .stopped && status.position == LogPosition(rawValue: 1))
        #expect(status.errors == 1 && status.lastError?.position == LogPosition(rawValue: 2))
      }
    }
    #expect(try bench.rows("v") == [#"{"key":"a","sum":1}"#])
    let lenient = try ViewText.views(
      text.replacing("VALUE", with: "event.data.x == null ? 0.0 : event.data.x")
    )
    try await Self.with(bench, lenient) { keeper in
      try await keeper.wait(for: ["v"], at: LogPosition(rawValue: 3), within: Self.long)
    }
    #expect(try bench.rows("v") == [#"{"key":"a","sum":3}"#])
  }

  @Test func `makes a damaged database anew, and says so`() async throws {
    let bench = try ViewBench()
    defer { bench.remove() }
    try await bench.append("e", ["k": "a"])
    try Data("this is no database, and it is long enough to be looked at".utf8).write(
      to: URL(filePath: bench.path)
    )
    try await Self.with(bench, try Self.count()) { keeper in
      try await keeper.wait(for: ["v"], at: LogPosition(rawValue: 1), within: Self.long)
    }
    #expect(try bench.rows("v") == [#"{"key":"a","n":1}"#])
    #expect(bench.lines.contains { $0.hasPrefix("the database of the views is made anew") })
  }

  @Test(arguments: [0, 1])
  func `builds views anew that are not of this log`(others: Int) async throws {
    let bench = try ViewBench()
    defer { bench.remove() }
    for _ in 1...2 { try await bench.append("e", ["k": "a"]) }
    try await Self.with(bench, try Self.count()) { keeper in
      try await keeper.wait(for: ["v"], at: LogPosition(rawValue: 2), within: Self.long)
    }
    // One that ends earlier, or one that was written at other times.
    let other = ViewBench(at: bench.folder, startingAt: Timestamp(seconds: 2_000_000_000))
    for _ in 0...2 * others { try await other.append("e", ["k": "b"]) }
    try await Self.with(other, try Self.count()) { keeper in
      let end = LogPosition(rawValue: Int64(1 + 2 * others))
      // What is ahead of the log says so until another table takes its place.
      while try keeper.statuses().first?.position != end { await Task.yield() }
    }
    #expect(try bench.rows("v") == [#"{"key":"b","n":\#(1 + 2 * others)}"#])
    let reason = others == 0 ? "ahead of the log" : "made from another log"
    #expect(other.lines.contains { $0.contains(reason) })
  }

  @Test func `says which events a new view cannot know any more`() async throws {
    let bench = try ViewBench()
    defer { bench.remove() }
    for _ in 1...5 { try await bench.append("e", ["k": "a"]) }
    try await bench.log.submit(LogChange(pruning: Pruning(before: LogPosition(rawValue: 4))))
    try await Self.with(bench, try Self.count()) { keeper in
      try await keeper.wait(for: ["v"], at: LogPosition(rawValue: 5), within: Self.long)
    }
    #expect(try bench.rows("v") == [#"{"key":"a","n":2}"#])
    let status = try #require(try bench.reader.statuses().first)
    #expect(status.forgotten == 3 && status.complete?.from == LogPosition(rawValue: 4))
    #expect(
      bench.lines.contains { $0.contains("3 events are missing, since the log goes back only to position 4") }
    )
  }

  @Test func `lets those who wait for too much go when their time is over`() async throws {
    let bench = try ViewBench()
    defer { bench.remove() }
    try await Self.with(bench, try Self.count()) { keeper in
      async let waiting: Void = keeper.wait(for: ["v"], at: LogPosition(rawValue: 7), within: .seconds(5))
      await bench.clock.waitForSleeper()
      bench.clock.advance(by: .seconds(5))
      do {
        try await waiting
        Issue.record("nobody has brought the view there")
      } catch let failure as ViewFailure {
        #expect(failure.code == .behind)
      }
    }
  }

  @Test func `is closed while somebody waits`() async throws {
    let bench = try ViewBench()
    defer { bench.remove() }
    let keeper = bench.keeper()
    await keeper.use(try Self.count())
    async let waiting: Void = keeper.wait(for: ["v"], at: LogPosition(rawValue: 7), within: Self.long)
    await bench.clock.waitForSleeper()
    await keeper.close()
    do {
      try await waiting
      Issue.record("nobody has brought the view there")
    } catch let failure as ViewFailure {
      #expect(failure.code == .closed)
    }
  }
}
