// SPDX-License-Identifier: Apache-2.0

import EventModel
import Expressions
import GRDBSQLite

/// A prepared statement; belongs to the thread of its connection.
final class ViewStatement {
  /// Has SQLite copy what is bound.
  private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

  let handle: OpaquePointer
  private let connection: ViewConnection

  /// Prepares the first statement of a text, which may be asked to be the only one.
  init(_ connection: ViewConnection, _ sql: String, isOnly: Bool = false) throws(ViewFailure) {
    self.connection = connection
    var prepared: OpaquePointer?
    var rest = ""
    let status = sql.withCString { text in
      var end: UnsafePointer<CChar>?
      defer { rest = end.map { String(cString: $0) } ?? "" }
      return sqlite3_prepare_v3(connection.handle, text, -1, 0, &prepared, &end)
    }
    guard status == SQLITE_OK else { throw ViewFailure(sqlite: status, connection.handle) }
    guard let prepared else { throw ViewFailure(.question, "there is no statement") }
    handle = prepared
    if isOnly, !rest.allSatisfy({ $0.isWhitespace || $0 == ";" }) {
      throw ViewFailure(.forbidden, "only one statement can be asked at a time")
    }
  }

  deinit { sqlite3_finalize(handle) }

  /// Goes on to the next row; false at the end, after which the statement may be bound anew.
  func step() throws(ViewFailure) -> Bool {
    let status = sqlite3_step(handle)
    if status == SQLITE_ROW { return true }
    sqlite3_reset(handle)
    guard status == SQLITE_DONE else { throw ViewFailure(sqlite: status, connection.handle) }
    return false
  }

  /// Runs a statement that returns no row.
  func run() throws(ViewFailure) { _ = try step() }

  /// Ends a query before its last row.
  func reset() { sqlite3_reset(handle) }

  func bind(_ index: Int32, _ number: Int64) { sqlite3_bind_int64(handle, index, number) }

  func bind(_ index: Int32, _ number: Int64?) {
    if let number { bind(index, number) } else { sqlite3_bind_null(handle, index) }
  }

  func bind(_ index: Int32, _ text: String) { bind(index, text: Array(text.utf8)) }

  func bind(_ index: Int32, _ text: String?) {
    if let text { bind(index, text) } else { sqlite3_bind_null(handle, index) }
  }

  /// Binds a text in UTF-8.
  func bind(_ index: Int32, text: [UInt8]) {
    text.withUnsafeBytes { bytes in
      // A nil pointer would bind NULL.
      let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
      _ = withUnsafePointer(to: 0 as CChar) { empty in
        sqlite3_bind_text64(
          handle,
          index,
          start ?? empty,
          UInt64(bytes.count),
          Self.transient,
          UInt8(SQLITE_UTF8)
        )
      }
    }
  }

  /// Binds what a column holds as SQL says it: a truth as 0 or 1, an instant and JSON as text.
  func bind(_ index: Int32, _ value: ColumnValue) {
    switch value {
    case .null: sqlite3_bind_null(handle, index)
    case .text(let bytes), .json(let bytes): bind(index, text: bytes)
    case .integer(let number): bind(index, number)
    case .real(let number): sqlite3_bind_double(handle, index, number)
    case .boolean(let value): bind(index, value ? 1 : 0)
    case .time(let instant): bind(index, text: instant.sortable)
    }
  }

  var columnCount: Int32 { sqlite3_column_count(handle) }

  func name(_ column: Int32) -> String {
    sqlite3_column_name(handle, column).map { String(cString: $0) } ?? ""
  }

  /// What SQLite calls the type of a column of the row.
  func type(_ column: Int32) -> Int32 { sqlite3_column_type(handle, column) }

  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

  func real(_ column: Int32) -> Double { sqlite3_column_double(handle, column) }

  func isNull(_ column: Int32) -> Bool { type(column) == SQLITE_NULL }

  /// The bytes of a text or blob of the row.
  func bytes(_ column: Int32) -> [UInt8] {
    guard let start = sqlite3_column_blob(handle, column) else { return [] }
    let count = Int(sqlite3_column_bytes(handle, column))
    return Array(UnsafeRawBufferPointer(start: start, count: count))
  }

  func text(_ column: Int32) -> String { String(decoding: bytes(column), as: UTF8.self) }

  func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

  func optionalInteger(_ column: Int32) -> Int64? { isNull(column) ? nil : integer(column) }

  /// What a view's column holds in the row.
  func value(_ column: Int32, _ type: ColumnType) -> ColumnValue {
    if isNull(column) { return .null }
    return switch type {
    case .text: .text(bytes(column))
    case .integer: .integer(integer(column))
    case .real: .real(real(column))
    case .boolean: .boolean(integer(column) != 0)
    case .time: Timestamp(rfc3339: bytes(column).span).map { .time($0) } ?? .null
    case .json: .json(bytes(column))
    }
  }
}

extension Timestamp {
  /// RFC 3339 with six digits of the fraction, so that the order of texts is that of instants.
  var sortable: [UInt8] {
    var text: [UInt8] = []
    Timestamp(microseconds: microseconds).appendRFC3339(to: &text)
    text.removeLast()
    if nanoseconds / 1000 == 0 { text.append(UInt8(ascii: ".")) }
    let length = "2026-01-31T00:00:00.000000".utf8.count
    text.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: length - text.count))
    text.append(UInt8(ascii: "Z"))
    return text
  }
}
