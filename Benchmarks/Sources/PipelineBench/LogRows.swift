// SPDX-License-Identifier: Apache-2.0

import BenchSupport
import CSQLite
import Foundation

/// Any value that SQLite stores.
enum Cell {
  case integer(Int64)
  case text([UInt8])
  case blob([UInt8])
  case null
}

/// A connection to a database.
final class Database {
  let handle: OpaquePointer

  init(_ path: String) throws {
    var handle: OpaquePointer?
    guard sqlite3_open(path, &handle) == SQLITE_OK, let handle else { throw POSIXError(.ENOENT) }
    self.handle = handle
    sqlite3_busy_timeout(handle, 10_000)
  }

  deinit { sqlite3_close(handle) }

  func execute(_ sql: String) {
    guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else {
      preconditionFailure(String(cString: sqlite3_errmsg(handle)))
    }
  }

  func prepare(_ sql: String) -> OpaquePointer {
    var statement: OpaquePointer?
    guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK, let statement else {
      preconditionFailure(String(cString: sqlite3_errmsg(handle)))
    }
    return statement
  }

  func rows(_ sql: String) -> [[Cell]] {
    let statement = prepare(sql)
    defer { sqlite3_finalize(statement) }
    var rows: [[Cell]] = []
    while sqlite3_step(statement) == SQLITE_ROW {
      rows.append((0..<sqlite3_column_count(statement)).map { Self.cell(statement, $0) })
    }
    return rows
  }

  private static func cell(_ statement: OpaquePointer, _ column: Int32) -> Cell {
    let bytes = {
      [UInt8](
        UnsafeRawBufferPointer(
          start: sqlite3_column_blob(statement, column),
          count: Int(sqlite3_column_bytes(statement, column))
        )
      )
    }
    switch sqlite3_column_type(statement, column) {
    case SQLITE_INTEGER: return .integer(sqlite3_column_int64(statement, column))
    case SQLITE_TEXT: return .text(bytes())
    case SQLITE_BLOB: return .blob(bytes())
    default: return .null
    }
  }
}

/// The rows that a host has written.
struct LogRows {
  let database: Database

  init(_ path: String) throws { database = try Database(path) }

  /// Returns once so many runs are done and none is open.
  func waitUntilDone(_ count: Int) {
    while true {
      let open = database.rows(
        "SELECT EXISTS (SELECT 1 FROM run WHERE state = 0) OR EXISTS (SELECT 1 FROM run WHERE state IN (1, 8))"
          + " OR EXISTS (SELECT 1 FROM fresh)"
      )
      let last = database.rows("SELECT coalesce(max(id), 0) FROM run")
      if case .integer(0)? = open.first?.first, case .integer(let id)? = last.first?.first, id >= count {
        return
      }
      usleep(5000)
    }
  }

  /// All events and all runs.
  func read() throws -> (events: [[Cell]], runs: [[Cell]]) {
    (database.rows("SELECT * FROM event ORDER BY position"), database.rows("SELECT * FROM run ORDER BY id"))
  }
}

/// The insert of rows and nothing else.
struct BareInsert {
  private let schema: [String]

  init(schemaOf path: String) throws {
    schema = try Database(path).rows("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")
      .compactMap {
        if case .text(let text)? = $0.first { String(decoding: text, as: UTF8.self) } else { nil }
      }
  }

  func seconds(_ rows: (events: [[Cell]], runs: [[Cell]]), batch: Int) throws -> Double {
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
