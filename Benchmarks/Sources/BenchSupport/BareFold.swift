// SPDX-License-Identifier: Apache-2.0

import CSQLite
import Foundation

/// A view that a host keeps, looked at from outside.
public struct FoldedView {
  private let database: Database
  private let name: String

  /// Opens the database of a host's views, which must be there.
  public init(_ path: String, _ name: String) throws {
    database = try Database(path)
    self.name = name
  }

  /// Returns once the view has folded the event at a position.
  public func waitUntil(_ position: Int64) {
    let sql = "SELECT position FROM earshot_view WHERE name = '\(name)'"
    while true {
      if case .integer(let reached)? = database.rows(sql).first?.first, reached >= position { return }
      usleep(2000)
    }
  }

  /// The statements that have made its table and indexes.
  public var schema: [String] {
    database.rows("SELECT sql FROM sqlite_schema WHERE tbl_name = '\(name)' AND sql IS NOT NULL").compactMap {
      if case .text(let text)? = $0.first { String(decoding: text, as: UTF8.self) } else { nil }
    }
  }
}

extension LogRows {
  /// The position of the newest event.
  public var lastPosition: Int64 {
    if case .integer(let position)? = database.rows("SELECT max(position) FROM event").first?.first { position } else { 0 }
  }
}

/// The writes of a view and nothing else.
public enum BareFold {
  /// Seconds that so many runs of a statement take, in transactions of the size that the host's have.
  ///
  /// It is given a key and a number, which are made by `values`.
  public static func seconds(
    _ schema: [String],
    _ sql: String,
    count: Int,
    values: (Int) -> (key: [UInt8], number: Double)
  ) throws -> Double {
    let path = NSTemporaryDirectory() + "earshot-bare-view-\(getpid()).db"
    let remove = { for end in ["", "-wal", "-shm"] { unlink(path + end) } }
    remove()
    defer { remove() }
    let database = try Database(path)
    database.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 4000")
    database.execute("PRAGMA cache_size = -16384")
    for statement in schema { database.execute(statement) }
    let statement = database.prepare(sql)
    defer { sqlite3_finalize(statement) }
    return BenchSupport.seconds {
      for start in stride(from: 0, to: count, by: 4096) {
        database.execute("BEGIN IMMEDIATE")
        for index in start..<min(start + 4096, count) {
          let (key, number) = values(index)
          key.withUnsafeBytes {
            _ = sqlite3_bind_text(
              statement,
              1,
              $0.bindMemory(to: CChar.self).baseAddress,
              Int32($0.count),
              unsafeBitCast(-1, to: sqlite3_destructor_type.self)
            )
          }
          sqlite3_bind_double(statement, 2, number)
          guard sqlite3_step(statement) == SQLITE_DONE else {
            preconditionFailure(String(cString: sqlite3_errmsg(database.handle)))
          }
          sqlite3_reset(statement)
        }
        database.execute("COMMIT")
      }
    }
  }
}
