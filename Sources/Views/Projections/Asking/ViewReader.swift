// SPDX-License-Identifier: Apache-2.0

public import EventModel
import Expressions
import Foundation
import GRDBSQLite
import Rules

/// Reads the views through connections that cannot write, beside a keeper or without one.
///
/// Every call opens a connection of its own and sees one commit. Calls block; safe to use from any thread.
public struct ViewReader: Sendable {
  /// How many bytes the rows of an answer have at most.
  private static let greatestAnswer = 16 << 20

  private let path: String
  private let clock: any HostClock

  /// Reads the database at `path`.
  public init(path: String, clock: any HostClock) {
    self.path = path
    self.clock = clock
  }

  /// Whether there is a database.
  public var isThere: Bool { FileManager.default.fileExists(atPath: path) }

  /// What is known of each view, as it was written last.
  public func statuses() throws(ViewFailure) -> [ViewStatus] { ViewStatus.all(try records(open())) }

  /// Rows of a view behind a key, by their keys, with the event up to which they are made.
  public func rows(
    of view: String,
    after key: String? = nil,
    limit: Int
  ) throws(ViewFailure) -> (position: LogPosition, rows: [JSONValue]) {
    let (connection, record) = try table(view)
    return (record.position, try ViewRows.read(connection, record, after: key, limit: limit))
  }

  /// One row of a view; nil when there is none.
  public func row(
    of view: String,
    key: String
  ) throws(ViewFailure) -> (position: LogPosition, row: JSONValue?) {
    let (connection, record) = try table(view)
    return (record.position, try ViewRows.read(connection, record, key: key, limit: 1).first)
  }

  /// The views that a question reads.
  ///
  /// - Throws: `ViewFailure` when it is none, or would do something else.
  public func views(of question: ViewQuestion) throws(ViewFailure) -> Set<String> {
    let connection = try open()
    return try prepare(question, connection, try records(connection), until: deadline(question)).read
  }

  /// Answers a question until `deadline`, by the clock's uptime; by default as long as the question allows.
  public func answer(_ question: ViewQuestion, until deadline: Duration? = nil) throws(ViewFailure)
    -> ViewAnswer
  {
    let connection = try open()
    let records = try records(connection)
    let deadline = deadline ?? self.deadline(question)
    let (statement, watch) = try prepared(question, connection, records, until: deadline)
    let columns = (0..<statement.columnCount).map { statement.name($0) }
    var rows: [[JSONValue]] = []
    var bytes = 0
    var isCut = false
    while try statement.step() {
      isCut = rows.count == question.limit || bytes > Self.greatestAnswer
      if isCut { break }
      rows.append((0..<statement.columnCount).map { statement.json($0) })
      bytes += (0..<statement.columnCount).reduce(0) { $0 + statement.size($1) }
    }
    let read = records.filter { watch.read.contains($0.table) }
    return ViewAnswer(
      columns: columns,
      rows: rows,
      isCut: isCut,
      positions: Dictionary(read.map { ($0.view, $0.position) }) { first, _ in first }
    )
  }

  private func deadline(_ question: ViewQuestion) -> Duration { clock.uptime() + question.timeout }

  private func prepare(
    _ question: ViewQuestion,
    _ connection: ViewConnection,
    _ records: [ViewRecord],
    until deadline: Duration
  ) throws(ViewFailure) -> SQLGuard { try prepared(question, connection, records, until: deadline).watch }

  /// Prepares a question on a connection that can do nothing else from now on.
  private func prepared(
    _ question: ViewQuestion,
    _ connection: ViewConnection,
    _ records: [ViewRecord],
    until deadline: Duration
  ) throws(ViewFailure) -> (statement: ViewStatement, watch: SQLGuard) {
    let tables = Set(records.filter { !$0.isShadow }.map(\.table))
    let watch = try SQLGuard(connection, tables: tables) { [clock] in clock.uptime() > deadline }
    do throws(ViewFailure) {
      let statement = try ViewStatement(connection, question.sql, isOnly: true)
      guard statement.onlyReads else { throw ViewFailure(.forbidden, "a question can only be a SELECT") }
      return (statement, watch)
    } catch {
      // SQLite does not always say itself that something was refused.
      guard let refusal = watch.refusal else { throw error }
      throw ViewFailure(.forbidden, refusal)
    }
  }

  private func open() throws(ViewFailure) -> ViewConnection {
    guard isThere else { throw ViewFailure(.missing, "there are no views at \(path)") }
    let connection = try ViewConnection(path: path, .reading)
    // One view of the database for everything that is asked through this connection.
    try connection.execute("PRAGMA query_only = 1; PRAGMA cache_size = -8192; BEGIN")
    return connection
  }

  private func records(_ connection: ViewConnection) throws(ViewFailure) -> [ViewRecord] {
    do throws(ViewFailure) { return try ViewRecord.all(connection) } catch {
      // A keeper that makes the database has not come to its tables yet.
      guard error.code == .question else { throw error }
      throw ViewFailure(.missing, "there are no views at \(path) yet")
    }
  }

  private func table(_ view: String) throws(ViewFailure) -> (ViewConnection, ViewRecord) {
    let connection = try open()
    guard let record = try records(connection).first(where: { $0.table == view }) else {
      throw ViewFailure(.missing, "there is no view '\(view)'")
    }
    return (connection, record)
  }
}

extension ViewStatement {
  /// Whether the statement gives rows and changes nothing.
  fileprivate var onlyReads: Bool { sqlite3_stmt_readonly(handle) != 0 && columnCount > 0 }

  /// A value of the row as JSON; bytes that are no text as SQL writes them.
  fileprivate func json(_ column: Int32) -> JSONValue {
    switch type(column) {
    case SQLITE_NULL: return .null
    case SQLITE_INTEGER: return ColumnValue.integer(integer(column)).json
    case SQLITE_FLOAT:
      let number = real(column)
      return number.isFinite ? ColumnValue.real(number).json : .string(number < 0 ? "-Infinity" : "Infinity")
    case SQLITE_BLOB: return bytes(column).withUnsafeBytes { .string("x'\(Hexadecimal.text($0))'") }
    default: return .string(text(column))
    }
  }

  /// How many bytes a value takes in an answer, or somewhat more.
  fileprivate func size(_ column: Int32) -> Int { 24 + Int(sqlite3_column_bytes(handle, column)) }
}
