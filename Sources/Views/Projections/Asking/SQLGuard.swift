// SPDX-License-Identifier: Apache-2.0

import EventModel
import GRDBSQLite

/// Lets a connection do nothing but read some tables, and for a limited time.
///
/// SQLite asks the guard about each thing that a statement would do, when it is prepared, and every so often while it runs.
final class SQLGuard {
  /// Tables that are made of an argument and show nothing else.
  private static let functionTables: Set<String> = ["json_each", "json_tree"]
  /// Functions that reach out of the database.
  private static let forbiddenFunctions: Set<String> = [
    "load_extension", "fts3_tokenizer", "readfile", "writefile", "edit",
  ]
  /// How many steps a question makes between two looks at the clock.
  private static let steps: Int32 = 1000

  private let connection: ViewConnection
  /// The tables that may be read, by their names in small letters, as SQL takes them.
  private let tables: [String: String]
  /// All tables, likewise.
  private let known: Set<String>
  private let isOver: () -> Bool
  /// The tables that were read.
  private(set) var read: Set<String> = []
  /// What was refused last, in words.
  private(set) var refusal: String?

  /// Watches a connection from now on; `isOver` says whether time has run out.
  init(
    _ connection: ViewConnection,
    tables: Set<String>,
    isOver: @escaping () -> Bool
  ) throws(ViewFailure) {
    self.connection = connection
    self.tables = Dictionary(tables.map { ($0.lowercased(), $0) }) { first, _ in first }
    known = try Self.allTables(connection)
    // Made here, since what makes them would be refused.
    for table in Self.functionTables { _ = try connection.prepare("SELECT 1 FROM \(table)('[]')") }
    self.isOver = isOver
    let own = Unmanaged.passUnretained(self).toOpaque()
    sqlite3_set_authorizer(
      connection.handle,
      { context, action, first, second, _, _ in
        guard let context else { return SQLITE_DENY }
        let watch = Unmanaged<SQLGuard>.fromOpaque(context).takeUnretainedValue()
        return watch.verdict(action, first.map { String(cString: $0) }, second.map { String(cString: $0) })
      },
      own
    )
    sqlite3_progress_handler(
      connection.handle,
      Self.steps,
      { context in
        guard let context else { return 1 }
        return Unmanaged<SQLGuard>.fromOpaque(context).takeUnretainedValue().isOver() ? 1 : 0
      },
      own
    )
    limit()
  }

  deinit {
    sqlite3_set_authorizer(connection.handle, nil, nil)
    sqlite3_progress_handler(connection.handle, 0, nil, nil)
  }

  private func verdict(_ action: Int32, _ first: String?, _ second: String?) -> Int32 {
    switch action {
    case SQLITE_SELECT, SQLITE_RECURSIVE: return SQLITE_OK
    case SQLITE_FUNCTION:
      let name = second?.lowercased() ?? ""
      guard Self.forbiddenFunctions.contains(name) else { return SQLITE_OK }
      refusal = "the function \(name) cannot be used"
    case SQLITE_READ:
      let name = first?.lowercased() ?? ""
      if let table = tables[name] {
        read.insert(table)
        return SQLITE_OK
      }
      // Of no column in particular: then it may be a name that the question itself has given.
      if second == "", !Self.isReserved(name), !known.contains(name) { return SQLITE_OK }
      if Self.functionTables.contains(name) { return SQLITE_OK }
      refusal = "'\(first ?? "")' is no view"
    default: refusal = "a question can only be a SELECT"
    }
    return SQLITE_DENY
  }

  /// Whether a name may be that of a table which SQLite makes up.
  private static func isReserved(_ name: String) -> Bool {
    ["sqlite_", "pragma_", "earshot_", "dbstat", "bytecode", "tables_used"].contains { name.hasPrefix($0) }
  }

  private static func allTables(_ connection: ViewConnection) throws(ViewFailure) -> Set<String> {
    let statement = try connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
    var names: Set<String> = []
    while try statement.step() { names.insert(statement.text(0).lowercased()) }
    return names
  }

  /// Bounds what a statement can be and make.
  private func limit() {
    let limits: [(Int32, Int32)] = [
      (SQLITE_LIMIT_LENGTH, 4 << 20), (SQLITE_LIMIT_SQL_LENGTH, 100_000), (SQLITE_LIMIT_ATTACHED, 0),
      (SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000), (SQLITE_LIMIT_WORKER_THREADS, 0),
      (SQLITE_LIMIT_COMPOUND_SELECT, 50), (SQLITE_LIMIT_EXPR_DEPTH, 200),
    ]
    for (name, value) in limits { sqlite3_limit(connection.handle, name, value) }
  }
}
