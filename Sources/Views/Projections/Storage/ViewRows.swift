// SPDX-License-Identifier: Apache-2.0

import EventModel
import Expressions
import Rules

/// Reads the rows of a table as JSON.
enum ViewRows {
  /// Rows by their keys, at most `limit`: those behind a key, or the one of a key.
  static func read(
    _ connection: ViewConnection,
    _ record: ViewRecord,
    key: String? = nil,
    after: String? = nil,
    limit: Int
  ) throws(ViewFailure) -> [JSONValue] {
    let names = ["key"] + record.columns.map { quoted($0.name) }
    let clause = key != nil ? "WHERE key = ?" : after != nil ? "WHERE key > ?" : ""
    let statement = try connection.prepare(
      """
      SELECT \(names.joined(separator: ", ")) FROM \(quoted(record.table)) \(clause) ORDER BY key LIMIT \(limit)
      """
    )
    if let bound = key ?? after { statement.bind(1, bound) }
    var rows: [JSONValue] = []
    while try statement.step() {
      let values = record.columns.enumerated().map { statement.value(Int32($0 + 1), $1.type) }
      rows.append(json(statement.text(0), ViewRow(values), record.columns.map(\.name)))
    }
    return rows
  }

  /// A row with its key as an object.
  static func json(_ key: String, _ row: ViewRow, _ columns: [String]) -> JSONValue {
    let values = zip(columns, row.values).map { JSONValue.Member($0, $1.json) }
    return .object([JSONValue.Member("key", .string(key))] + values)
  }
}
