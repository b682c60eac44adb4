// SPDX-License-Identifier: Apache-2.0

import CSQLite
import Foundation

/// Any value that SQLite stores.
public enum Cell {
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
