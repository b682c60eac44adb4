// SPDX-License-Identifier: Apache-2.0

import Expressions
import Rules

/// The rows of one view in a table of the database.
///
/// Belongs to the thread of its connection.
final class ViewTable {
  /// For how many sets of columns a statement is kept ready; any other one is written as if all had changed.
  private static let greatestUpdates = 16

  let name: String
  private let columns: [ViewColumn]
  private let connection: ViewConnection
  private let select: ViewStatement
  private let insert: ViewStatement
  private let delete: ViewStatement
  private var updates: [ColumnSet: ViewStatement] = [:]

  /// Prepares for a table that is there.
  init(_ connection: ViewConnection, _ name: String, _ columns: [ViewColumn]) throws(ViewFailure) {
    self.name = name
    self.columns = columns
    self.connection = connection
    let names = columns.map { quoted($0.name) }
    select = try connection.prepare(
      "SELECT \(names.joined(separator: ", ")) FROM \(quoted(name)) WHERE key = ?"
    )
    let values = repeatElement("?", count: columns.count + 1).joined(separator: ", ")
    insert = try connection.prepare(
      "INSERT INTO \(quoted(name)) (\((["key"] + names).joined(separator: ", "))) VALUES (\(values))"
    )
    delete = try connection.prepare("DELETE FROM \(quoted(name)) WHERE key = ?")
  }

  /// Makes the table and the indexes of a view.
  static func create(
    _ connection: ViewConnection,
    _ view: ViewDefinition,
    table: String,
    generation: Int64
  ) throws(ViewFailure) {
    let columns = view.columns.map { ", \(quoted($0.name)) \($0.type.inSQL)" }.joined()
    try connection.execute(
      "CREATE TABLE \(quoted(table)) (key TEXT PRIMARY KEY NOT NULL\(columns)) WITHOUT ROWID, STRICT"
    )
    for (number, index) in view.indexes.enumerated() {
      let names = index.map { quoted(view.columns[$0].name) }.joined(separator: ", ")
      let name = quoted("\(view.id)@\(generation).\(number + 1)")
      try connection.execute("CREATE INDEX \(name) ON \(quoted(table)) (\(names))")
    }
  }

  /// The row of a key; nil when there is none.
  func row(_ key: RowKey) throws(ViewFailure) -> ViewRow? {
    select.bind(1, text: key.bytes)
    guard try select.step() else { return nil }
    defer { select.reset() }
    return ViewRow(columns.indices.map { select.value(Int32($0), columns[$0].type) })
  }

  /// Adds a row.
  func insert(_ key: RowKey, _ row: ViewRow) throws(ViewFailure) {
    insert.bind(1, text: key.bytes)
    for (index, value) in row.values.enumerated() { insert.bind(Int32(index + 2), value) }
    try insert.run()
  }

  /// Gives some columns of a row other values.
  func update(_ key: RowKey, _ row: ViewRow, _ changed: ColumnSet) throws(ViewFailure) {
    let (statement, set) = try update(of: changed)
    var place: Int32 = 1
    for index in columns.indices where set.contains(index) {
      statement.bind(place, row.values[index])
      place += 1
    }
    statement.bind(place, text: key.bytes)
    try statement.run()
  }

  /// Removes a row.
  func delete(_ key: RowKey) throws(ViewFailure) {
    delete.bind(1, text: key.bytes)
    try delete.run()
  }

  /// The statement for some columns; one that writes only what has changed leaves other indexes alone.
  private func update(of changed: ColumnSet) throws(ViewFailure) -> (ViewStatement, ColumnSet) {
    if let statement = updates[changed] { return (statement, changed) }
    let all = ColumnSet(all: columns.count)
    let set = updates.count < Self.greatestUpdates ? changed : all
    if let statement = updates[set] { return (statement, set) }
    let names = columns.indices.filter(set.contains).map { "\(quoted(columns[$0].name)) = ?" }
    let statement = try connection.prepare(
      "UPDATE \(quoted(name)) SET \(names.joined(separator: ", ")) WHERE key = ?"
    )
    updates[set] = statement
    return (statement, set)
  }
}

extension ColumnType {
  /// The type that SQLite sees to: it has none for truths, instants and JSON.
  var inSQL: String {
    switch self {
    case .integer, .boolean: "INTEGER"
    case .real: "REAL"
    case .text, .time, .json: "TEXT"
    }
  }
}
