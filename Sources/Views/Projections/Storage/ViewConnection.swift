// SPDX-License-Identifier: Apache-2.0

import GRDBSQLite

/// A connection to the database of the views, through SQLite's own interface.
///
/// Belongs to one thread at a time; closes itself when it is no longer used.
final class ViewConnection {
  /// How a connection is opened.
  enum Mode {
    /// Makes the database if it is not there, and writes.
    case writing
    /// Only reads.
    case reading
    /// A database of its own that goes with the connection, on disk as far as it is large.
    case temporary
  }

  /// For how many milliseconds a connection waits for another one.
  private static let patience: Int32 = 10_000

  let handle: OpaquePointer

  /// Opens the database at `path`.
  init(path: String, _ mode: Mode) throws(ViewFailure) {
    let flags: Int32 =
      switch mode {
      case .writing: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
      case .reading: SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX
      case .temporary: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
      }
    var opened: OpaquePointer?
    // An empty name is that of a database that SQLite keeps to itself.
    let status = sqlite3_open_v2(mode == .temporary ? "" : path, &opened, flags | SQLITE_OPEN_EXRESCODE, nil)
    guard let opened, status == SQLITE_OK else {
      defer { sqlite3_close_v2(opened) }
      throw ViewFailure(sqlite: status, opened)
    }
    handle = opened
    sqlite3_busy_timeout(handle, Self.patience)
  }

  deinit { sqlite3_close_v2(handle) }

  /// Prepares a statement that returns rows or changes some.
  func prepare(_ sql: String) throws(ViewFailure) -> ViewStatement { try ViewStatement(self, sql) }

  /// Runs statements that return nothing.
  func execute(_ sql: String) throws(ViewFailure) {
    let status = sqlite3_exec(handle, sql, nil, nil, nil)
    guard status == SQLITE_OK else { throw ViewFailure(sqlite: status, handle) }
  }

  /// The first column of the first row as a number.
  func integer(_ sql: String) throws(ViewFailure) -> Int64? {
    let statement = try prepare(sql)
    defer { statement.reset() }
    return try statement.step() ? statement.integer(0) : nil
  }

  /// Whether a transaction is under way.
  var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

  /// Begins to see one state of the database, so that reads take no locks of their own, until a transaction ends.
  func beginReading() throws(ViewFailure) { if !isInTransaction { try execute("BEGIN") } }

  /// Ends what was begun to be read, if nothing was written.
  func endReading() throws(ViewFailure) { if isInTransaction { try execute("COMMIT") } }

  /// Runs `body` in a transaction, that which is under way if there is one; whatever it throws takes back what it has done.
  func transaction<Value>(_ body: () throws -> Value) throws -> Value {
    if !isInTransaction { try execute("BEGIN IMMEDIATE") }
    do {
      let value = try body()
      try execute("COMMIT")
      return value
    } catch {
      // Some failures have ended it already.
      if isInTransaction { try? execute("ROLLBACK") }
      throw error
    }
  }
}

extension ViewFailure {
  /// A failure of SQLite itself.
  init(sqlite status: Int32, _ handle: OpaquePointer?) {
    let message = handle.map { String(cString: sqlite3_errmsg($0)) } ?? "SQLite status \(status)"
    switch status & 0xFF {
    case SQLITE_CORRUPT, SQLITE_NOTADB:
      self.init(.corrupt, "the database of the views is damaged: \(message)")
    case SQLITE_FULL: self.init(.full, "the disk is full: \(message)")
    case SQLITE_CANTOPEN: self.init(.missing, "the database of the views cannot be opened: \(message)")
    case SQLITE_AUTH: self.init(.forbidden, "only questions about views are possible: \(message)")
    case SQLITE_INTERRUPT: self.init(.time, "the answer takes too long")
    case SQLITE_ERROR, SQLITE_TOOBIG, SQLITE_RANGE, SQLITE_MISMATCH, SQLITE_NOLFS:
      self.init(.question, message)
    default: self.init(.io, "the database of the views cannot be read or written: \(message)")
    }
  }
}

/// Text as a name in SQL.
func quoted(_ name: String) -> String { "\"\(name.replacing("\"", with: "\"\""))\"" }
