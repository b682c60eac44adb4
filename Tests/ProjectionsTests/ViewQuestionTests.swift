// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Foundation
import Testing

@testable import Projections

/// Questions in SQL, and what they can do: nothing but read views, for a limited time.
@Suite struct ViewQuestionTests {
  private static func bench() async throws -> ViewBench {
    let bench = try ViewBench()
    for number in 1...5 {
      try await bench.append(
        "OrderCreated",
        [
          "order": .string("o\(number)"), "customer": .string("c\(number % 2)"),
          "total": .number("\(number).5"),
        ]
      )
    }
    try await bench.append("ItemAdded", ["order": "o1", "price": 1, "tag": "red"])
    let worker = try bench.worker(try ViewText.views(ViewText.orders))
    while try worker.advance() {}
    try worker.finish()
    return bench
  }

  private static func failure(_ bench: ViewBench, _ question: ViewQuestion) -> ViewFailure? {
    do throws(ViewFailure) {
      _ = try bench.reader.answer(question)
      return nil
    } catch {
      return error
    }
  }

  @Test func `answers with names, rows and how far the views are`() async throws {
    let bench = try await Self.bench()
    defer { bench.remove() }
    let answer = try bench.reader.answer(
      ViewQuestion(
        "SELECT customer, count(*) AS n, sum(total), null FROM orders GROUP BY customer ORDER BY 1"
      )
    )
    #expect(answer.columns == ["customer", "n", "sum(total)", "null"])
    #expect(answer.rows == [["c0", 2, .number("7"), nil], ["c1", 3, .number("11.5"), nil]])
    #expect(!answer.isCut && answer.positions == ["orders": LogPosition(rawValue: 6)])
  }

  @Test(arguments: [
    "WITH t AS (SELECT total FROM orders) SELECT max(total) FROM t",
    "SELECT value FROM orders, json_each(orders.tags)", "SELECT 1; ", "SELECT count(*) FROM Orders",
    "SELECT Total FROM ORDERS", "EXPLAIN QUERY PLAN SELECT * FROM orders",
    "SELECT key, rank() OVER (ORDER BY total) FROM orders", "VALUES (1), (2)",
    "SELECT date(updated), strftime('%H', updated) FROM orders",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT i FROM n",
    "SELECT tags ->> '$[0]' FROM orders WHERE customer LIKE 'c%'",
  ]) func `takes all that reads`(sql: String) async throws {
    let bench = try await Self.bench()
    defer { bench.remove() }
    #expect(try !bench.reader.answer(ViewQuestion(sql)).rows.isEmpty)
  }

  @Test(arguments: [
    "DELETE FROM orders", "UPDATE orders SET total = 0", "INSERT INTO orders (key) VALUES ('x')",
    "REPLACE INTO orders (key) VALUES ('x')", "DROP TABLE orders", "CREATE TABLE t (a)",
    "CREATE TEMP TABLE t (a)", "CREATE TEMP VIEW t AS SELECT 1", "CREATE INDEX i ON orders (total)",
    "ALTER TABLE orders RENAME TO o", "ATTACH 'FOLDER/other.db' AS other", "DETACH main", "VACUUM",
    "VACUUM INTO 'FOLDER/other.db'", "REINDEX", "ANALYZE", "PRAGMA user_version = 7", "PRAGMA user_version",
    "PRAGMA writable_schema = 1", "PRAGMA journal_mode = DELETE", "PRAGMA query_only = 0", "BEGIN", "COMMIT",
    "ROLLBACK", "SAVEPOINT s", "SELECT * FROM earshot_view", "SELECT * FROM sqlite_schema",
    "SELECT * FROM sqlite_master", "SELECT * FROM pragma_table_info('orders')",
    "SELECT load_extension('FOLDER/x.so')", "SELECT count(*) FROM earshot_view",
    "SELECT count(*) FROM sqlite_schema", "SELECT count(*) FROM Earshot_View",
    "SELECT count(*) FROM pragma_database_list", "SELECT 1; SELECT 2", "SELECT 1; DROP TABLE orders",
    "SELECT * FROM orders WHERE key IN (SELECT name FROM sqlite_schema)",
    "CREATE TRIGGER t AFTER INSERT ON orders BEGIN SELECT 1; END",
    "CREATE VIRTUAL TABLE t USING fts5 (a)", "EXPLAIN DELETE FROM orders",
    "WITH t AS (SELECT 1) DELETE FROM orders", "INSERT INTO orders (key) VALUES ('y') RETURNING key",
  ]) func `refuses all that does something else`(sql: String) async throws {
    let bench = try await Self.bench()
    defer { bench.remove() }
    let before = try Data(contentsOf: URL(filePath: bench.path))
    let failure = try #require(
      Self.failure(bench, ViewQuestion(sql.replacing("FOLDER", with: bench.folder)))
    )
    #expect(failure.code == .forbidden, "\(failure)")
    #expect(!FileManager.default.fileExists(atPath: bench.folder + "/other.db"))
    #expect(try Data(contentsOf: URL(filePath: bench.path)) == before)
  }

  @Test(arguments: ["SELEC 1", "", ";", "-- nothing", "SELECT nothing FROM orders", "SELECT * FROM nowhere"])
  func `says what it does not understand`(sql: String) async throws {
    let bench = try await Self.bench()
    defer { bench.remove() }
    #expect(Self.failure(bench, ViewQuestion(sql))?.code == .question)
  }

  @Test func `ends a question that takes too long`() async throws {
    let bench = try await Self.bench()
    defer { bench.remove() }
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    let reader = ViewReader(path: bench.path, clock: SystemClock())
    #expect {
      try reader.answer(ViewQuestion(endless, timeout: .milliseconds(50)))
    } throws: {
      ($0 as? ViewFailure)?.code == .time
    }
  }

  @Test func `cuts an answer that is too long, and says so`() async throws {
    let bench = try await Self.bench()
    defer { bench.remove() }
    let numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT "
    let few = try bench.reader.answer(ViewQuestion(numbers + "i FROM n", limit: 3))
    #expect(few.rows == [[1], [2], [3]] && few.isCut)
    let all = try bench.reader.answer(ViewQuestion(numbers + "i FROM n", limit: 1000))
    #expect(all.rows.count == 1000 && !all.isCut)
    let large = try bench.reader.answer(ViewQuestion(numbers + "hex(zeroblob(500000)) FROM n", limit: 1000))
    #expect(large.rows.count == 17 && large.isCut)
    #expect(Self.failure(bench, ViewQuestion("SELECT zeroblob(1000000000)"))?.code == .question)
  }

  @Test func `tells values apart that JSON has no word for`() async throws {
    let bench = try await Self.bench()
    defer { bench.remove() }
    let answer = try bench.reader.answer(ViewQuestion("SELECT 9e999, -9e999, x'00ff', 1.0, 0.1, char(27)"))
    #expect(
      answer.rows == [["Infinity", "-Infinity", "x'00ff'", .number("1"), .number("0.1"), "\u{1b}"]]
    )
  }

  @Test func `names the views that a question reads`() async throws {
    let bench = try await Self.bench()
    defer { bench.remove() }
    #expect(try bench.reader.views(of: ViewQuestion("SELECT 1")) == [])
    #expect(
      try bench.reader.views(of: ViewQuestion("SELECT 1 WHERE EXISTS (SELECT 1 FROM orders)")) == ["orders"]
    )
    #expect(try bench.reader.views(of: ViewQuestion("SELECT count(*) FROM ORDERS")) == ["orders"])
  }

  @Test func `goes on while the tables are written`() async throws {
    let bench = try await Self.bench()
    defer { bench.remove() }
    let keeper = bench.keeper()
    await keeper.use(try ViewText.views(ViewText.orders))
    let reader = bench.reader
    async let asked: [Int] = Task.detached {
      // On a thread of its own, beside the one that writes.
      try (0..<50).map { _ in try reader.answer(ViewQuestion("SELECT key FROM orders")).rows.count }
    }.value
    var position = LogPosition.start
    for number in 6...60 {
      position = try await bench.append(
        "OrderCreated",
        ["order": .number("\(number)"), "customer": "c", "total": 1]
      )
      keeper.noteCommit()
    }
    let counts = try await asked
    #expect(counts == counts.sorted() && (counts.first ?? 0) >= 5)
    try await keeper.wait(for: ["orders"], at: position, within: .seconds(1000))
    await keeper.close()
    #expect(try bench.rows("orders").count == 60)
  }
}
