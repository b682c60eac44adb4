// SPDX-License-Identifier: Apache-2.0

import EventModel
import Expressions
import Rules

/// The bookkeeping of one table: which view it is, how far it has come and what could not be folded.
///
/// Written in the transaction that writes the rows.
struct ViewRecord: Sendable, Hashable {
  /// The name of a table that is built to take the place of another one.
  static func shadow(of view: String) -> String { view + "@new" }

  /// The table.
  let table: String
  /// The view.
  let view: String
  /// The revision of the definition by which rows are made.
  let revision: String
  /// The number by which names of indexes differ from those of other tables.
  let generation: Int64
  /// The columns as they were written.
  let columns: [ViewColumn]
  /// The event up to which the rows are made.
  var position = LogPosition.start
  /// When the log took that event, in microseconds; tells this log from others.
  var recorded: Int64 = 0
  var rows: Int64 = 0
  /// How many events could not be folded.
  var errors: Int64 = 0
  var lastError: String?
  var lastErrorPosition: Int64?
  /// Whether the view has stopped before the event of its last error.
  var isStopped = false
  /// How many events the log had forgotten before the view could fold them.
  var forgotten: Int64 = 0
  /// The first event from which on none is missing.
  var completeFrom: Int64 = 1
  /// When the log took that one, in microseconds; 0 when none is missing.
  var completeSince: Int64 = 0
  /// Where the log ended when the table was begun.
  var target = LogPosition.start

  /// Whether the table is built to take another one's place.
  var isShadow: Bool { table != view }

  init(_ view: ViewDefinition, table: String, generation: Int64, target: LogPosition) {
    self.table = table
    self.view = view.id
    self.revision = view.revision
    self.generation = generation
    columns = view.columns
    self.target = target
  }

  /// The same for the table after it has taken the other one's place.
  func renamed() -> ViewRecord {
    var other = ViewRecord(self, table: view)
    (other.position, other.recorded, other.rows, other.errors) = (position, recorded, rows, errors)
    (other.lastError, other.lastErrorPosition, other.isStopped) = (lastError, lastErrorPosition, isStopped)
    (other.forgotten, other.completeFrom, other.completeSince) = (forgotten, completeFrom, completeSince)
    other.target = target
    return other
  }

  private init(_ other: ViewRecord, table: String) {
    self.table = table
    view = other.view
    revision = other.revision
    generation = other.generation
    columns = other.columns
  }

  static let schema = """
    CREATE TABLE earshot_view (
      name TEXT PRIMARY KEY,
      view TEXT NOT NULL,
      revision TEXT NOT NULL,
      generation INTEGER NOT NULL,
      columns TEXT NOT NULL,
      position INTEGER NOT NULL,
      recorded INTEGER NOT NULL,
      rows INTEGER NOT NULL,
      errors INTEGER NOT NULL,
      last_error TEXT,
      last_error_position INTEGER,
      stopped INTEGER NOT NULL,
      forgotten INTEGER NOT NULL,
      complete_from INTEGER NOT NULL,
      complete_since INTEGER NOT NULL,
      target INTEGER NOT NULL
    ) WITHOUT ROWID, STRICT
    """

  /// All columns in the order in which a statement gives them.
  private static let names = """
    name, view, revision, generation, columns, position, recorded, rows, errors, last_error, last_error_position, stopped, \
    forgotten, complete_from, complete_since, target
    """

  /// The records of a database by the names of tables.
  static func all(_ connection: ViewConnection) throws(ViewFailure) -> [ViewRecord] {
    let statement = try connection.prepare("SELECT \(names) FROM earshot_view ORDER BY name")
    var records: [ViewRecord] = []
    while try statement.step() { records.append(ViewRecord(statement)) }
    return records
  }

  /// Writes records.
  static func writer(_ connection: ViewConnection) throws(ViewFailure) -> ViewStatement {
    try connection.prepare(
      "INSERT OR REPLACE INTO earshot_view (\(names)) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
    )
  }

  /// Stores the record by what `writer` has prepared.
  func write(_ statement: ViewStatement) throws(ViewFailure) {
    statement.bind(1, table)
    statement.bind(2, view)
    statement.bind(3, revision)
    statement.bind(4, generation)
    statement.bind(5, Self.text(columns))
    for (index, number) in [position.rawValue, recorded, rows, errors].enumerated() {
      statement.bind(Int32(index + 6), number)
    }
    statement.bind(10, lastError)
    statement.bind(11, lastErrorPosition)
    let numbers = [isStopped ? 1 : 0, forgotten, completeFrom, completeSince, target.rawValue]
    for (index, number) in numbers.enumerated() { statement.bind(Int32(index + 12), number) }
    try statement.run()
  }

  private init(_ row: ViewStatement) {
    (table, view, revision, generation) = (row.text(0), row.text(1), row.text(2), row.integer(3))
    columns = Self.columns(row.text(4))
    position = LogPosition(rawValue: row.integer(5))
    (recorded, rows, errors) = (row.integer(6), row.integer(7), row.integer(8))
    (lastError, lastErrorPosition) = (row.optionalText(9), row.optionalInteger(10))
    isStopped = row.integer(11) != 0
    (forgotten, completeFrom, completeSince) = (row.integer(12), row.integer(13), row.integer(14))
    target = LogPosition(rawValue: row.integer(15))
  }

  private static func text(_ columns: [ViewColumn]) -> String {
    columns.map { "\($0.name) \($0.type.rawValue)" }.joined(separator: ",")
  }

  private static func columns(_ text: String) -> [ViewColumn] {
    text.split(separator: ",").compactMap { column in
      let parts = column.split(separator: " ")
      guard parts.count == 2, let type = ColumnType(rawValue: String(parts[1])) else { return nil }
      return ViewColumn(String(parts[0]), type)
    }
  }
}
