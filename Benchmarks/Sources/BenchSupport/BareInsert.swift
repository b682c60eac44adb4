// SPDX-License-Identifier: Apache-2.0

import CSQLite
import Foundation

/// The insert of rows and nothing else.
public struct BareInsert {
  private let schema: [String]

  /// Takes the tables of a log for its own.
  public init(schemaOf path: String) throws {
    schema = try Database(path).rows("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")
      .compactMap {
        if case .text(let text)? = $0.first { String(decoding: text, as: UTF8.self) } else { nil }
      }
  }

  /// Seconds that the insert takes, in transactions of so many events.
  ///
  /// `streams` are the rows that say to which stream each event belongs, if any does.
  public func seconds(
    _ rows: (events: [[Cell]], runs: [[Cell]]),
    streams: [[Cell]] = [],
    batch: Int
  ) throws -> Double {
    let path = NSTemporaryDirectory() + "earshot-bare-\(getpid()).db"
    let remove = { for end in ["", "-wal", "-shm"] { unlink(path + end) } }
    remove()
    defer { remove() }
    let database = try Database(path)
    database.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000")
    for sql in schema where !sql.contains("sqlite_") { database.execute(sql) }
    return BenchSupport.seconds {
      var run = 0
      for start in stride(from: 0, to: rows.events.count, by: batch) {
        database.execute("BEGIN IMMEDIATE")
        let end = min(start + batch, rows.events.count)
        insert("event", rows.events[start..<end], database)
        insert("stream", streams[min(start, streams.count)..<min(end, streams.count)], database)
        let last = min(run + batch, rows.runs.count)
        insert("run", rows.runs[run..<last], database)
        run = last
        database.execute("COMMIT")
      }
    }
  }

  private func insert(_ table: String, _ rows: ArraySlice<[Cell]>, _ database: Database) {
    guard let first = rows.first else { return }
    let places = first.map { _ in "?" }.joined(separator: ", ")
    let statement = database.prepare("INSERT INTO \(table) VALUES (\(places))")
    defer { sqlite3_finalize(statement) }
    for row in rows {
      for (index, cell) in row.enumerated() { Self.bind(cell, statement, Int32(index + 1)) }
      guard sqlite3_step(statement) == SQLITE_DONE else {
        preconditionFailure(String(cString: sqlite3_errmsg(database.handle)))
      }
      sqlite3_reset(statement)
    }
  }

  private static func bind(_ cell: Cell, _ statement: OpaquePointer, _ index: Int32) {
    switch cell {
    case .integer(let value): sqlite3_bind_int64(statement, index, value)
    case .text(let bytes):
      bytes.withUnsafeBytes {
        _ = sqlite3_bind_text(
          statement,
          index,
          $0.bindMemory(to: CChar.self).baseAddress,
          Int32($0.count),
          transient
        )
      }
    case .blob(let bytes):
      bytes.withUnsafeBytes {
        _ = sqlite3_bind_blob(statement, index, $0.baseAddress, Int32($0.count), transient)
      }
    case .null: sqlite3_bind_null(statement, index)
    }
  }
}

/// SQLITE_TRANSIENT: SQLite makes a copy of its own.
private let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
