// SPDX-License-Identifier: Apache-2.0

import GRDB

@testable import SQLiteLog

/// All rows of a log as one text, by which two logs can be compared.
struct LogContent: Sendable {
  private let query: String

  /// Finds the tables of a log.
  init(tablesOf path: String) throws {
    let reader = try LogReader(path: path)
    defer { reader.close() }
    query = try reader.read { database in
      let tables = try String.fetchAll(
        database,
        sql: """
          SELECT name FROM sqlite_schema
          WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'grdb%' ORDER BY name
          """
      )
      let texts = try tables.map { table in
        let columns = try String.fetchAll(
          database,
          sql: "SELECT 'quote(' || name || ')' FROM pragma_table_info(?)",
          arguments: [table]
        )
        let row = columns.joined(separator: " || ',' || ")
        return
          "'\(table):' || coalesce((SELECT group_concat(\(row), char(10)) FROM (SELECT * FROM \(table))), '')"
      }
      return "SELECT " + texts.joined(separator: " || char(10) || ")
    }
  }

  /// The content of the log at `path`.
  func text(of path: String) throws -> String {
    let reader = try LogReader(path: path)
    defer { reader.close() }
    return try text(reader)
  }

  func text(_ reader: LogReader) throws -> String {
    try reader.read { try String.fetchOne($0, sql: query) ?? "" }
  }
}
