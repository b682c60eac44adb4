// SPDX-License-Identifier: Apache-2.0

import DurableLog
import GRDB
import GRDBSQLite

/// A statement that is run very often, through SQLite's own interface.
///
/// Values are bound from memory that outlives the call to `run`, so nothing is copied and no `String` or
/// `Data` is made. Belongs to the thread of its connection.
final class PreparedStatement {
  private let statement: Statement
  private let handle: OpaquePointer
  private let isCached: Bool

  /// Prepares a statement, or takes one that was prepared on the connection before (`isCached`): for a use that ends before
  /// the next one of the same text begins.
  init(_ database: Database, _ sql: String, isCached: Bool = false) throws {
    self.isCached = isCached
    statement = try isCached ? database.cachedStatement(sql: sql) : database.makeStatement(sql: sql)
    handle = statement.sqliteStatement
    if isCached { clear() }
  }

  deinit {
    // What is not run to its end would hold its transaction.
    if isCached { clear() }
  }

  private func clear() {
    sqlite3_reset(handle)
    sqlite3_clear_bindings(handle)
  }

  func bind(_ index: Int32, _ value: Int64) { sqlite3_bind_int64(handle, index, value) }

  func bindNull(_ index: Int32) { sqlite3_bind_null(handle, index) }

  /// Binds bytes that must stay where they are until `run` or `reset` returns.
  func bind(_ index: Int32, _ bytes: UnsafeRawBufferPointer) {
    // A nil pointer would bind NULL, so an empty value is bound as a zero-length blob.
    if let start = bytes.baseAddress, !bytes.isEmpty {
      sqlite3_bind_blob64(handle, index, start, UInt64(bytes.count), nil)
    } else {
      sqlite3_bind_zeroblob(handle, index, 0)
    }
  }

  /// Runs a statement that returns no row, with these values beside those that are bound already; nil is NULL.
  func run(_ values: [(index: Int32, bytes: [UInt8]?)]) throws { try run(values[...]) }

  private func run(_ values: ArraySlice<(index: Int32, bytes: [UInt8]?)>) throws {
    guard let (index, bytes) = values.first else { return try run() }
    guard let bytes else {
      bindNull(index)
      return try run(values.dropFirst())
    }
    // Each stays in its place until the statement has run.
    try bytes.withUnsafeBytes {
      bind(index, $0)
      try run(values.dropFirst())
    }
  }

  /// Runs a statement that returns no row.
  func run() throws {
    let status = sqlite3_step(handle)
    sqlite3_reset(handle)
    guard status == SQLITE_DONE else { throw LogFailure(sqlite: status, handle: sqlite3_db_handle(handle)) }
  }

  /// Runs a statement that returns at most one row with one integer.
  func integer() throws -> Int64? {
    let status = sqlite3_step(handle)
    let value = status == SQLITE_ROW ? sqlite3_column_int64(handle, 0) : nil
    sqlite3_reset(handle)
    guard status == SQLITE_ROW || status == SQLITE_DONE else {
      throw LogFailure(sqlite: status, handle: sqlite3_db_handle(handle))
    }
    return value
  }

  /// Goes on to the next row; false at the end, after which the statement may be bound anew.
  func step() throws -> Bool {
    let status = sqlite3_step(handle)
    if status == SQLITE_ROW { return true }
    sqlite3_reset(handle)
    guard status == SQLITE_DONE else { throw LogFailure(sqlite: status, handle: sqlite3_db_handle(handle)) }
    return false
  }

  /// Ends a query before its last row.
  func reset() { sqlite3_reset(handle) }

  /// Whether a column of the row is NULL.
  func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

  /// An integer column of the row.
  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

  /// The bytes of a column of the row, valid until the next step.
  func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(
      start: sqlite3_column_blob(handle, column),
      count: Int(sqlite3_column_bytes(handle, column))
    )
  }

  /// The number of rows that the last run of any statement changed.
  var changes: Int { Int(sqlite3_changes(sqlite3_db_handle(handle))) }
}

extension LogFailure {
  /// A failure of SQLite itself.
  init(sqlite status: Int32, handle: OpaquePointer?) {
    let message = handle.map { String(cString: sqlite3_errmsg($0)) } ?? "SQLite status \(status)"
    self.init(ResultCode(rawValue: handle.map { sqlite3_extended_errcode($0) } ?? status), message)
  }

  /// A failure that GRDB reports.
  init(_ error: any Error) {
    switch error {
    case let failure as LogFailure: self = failure
    case let error as DatabaseError:
      let code = error.extendedResultCode
      self.init(code, error.message ?? "SQLite status \(code.rawValue)")
    case is RowDecodingError: self.init(.corrupt, "the log is damaged: \(error)")
    default: self.init(.io, "the log cannot be written or read: \(error)")
    }
  }

  private init(_ code: ResultCode, _ message: String) {
    switch (code, code.primaryResultCode) {
    // In the second case the file by which readers find their way in the write-ahead log could not grow.
    case (_, .SQLITE_FULL), (.SQLITE_IOERR_SHMSIZE, _): self.init(.full, "the disk is full: \(message)")
    case (_, .SQLITE_PROTOCOL):
      // A call that failed while a lock was given back leaves it taken, in this process, for good.
      self.init(.locks, "the log cannot be locked: \(message)")
    case (_, .SQLITE_CORRUPT), (_, .SQLITE_NOTADB): self.init(.corrupt, "the log is damaged: \(message)")
    case (_, .SQLITE_CANTOPEN): self.init(.missing, "the log cannot be opened: \(message)")
    default: self.init(.io, "the log cannot be written or read: \(message)")
    }
  }
}
