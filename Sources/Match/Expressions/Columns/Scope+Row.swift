// SPDX-License-Identifier: Apache-2.0

import EventModel

/// What the expressions of a view may speak of.
///
/// Only the event and the row before it, so that the same events make the same rows at any later day.
extension ExpressionEnvironment {
  /// The place of the row among the variables.
  static let rowSlot = 1

  /// What a view's key may speak of: the event.
  public static let viewKey = ExpressionEnvironment(variables: [Variable("event", .record(event))])

  /// What a view's conditions and values may speak of: the event, and as `row` the row as it was before it.
  ///
  /// A column without a value is missing, as are all of them when there is no row; `row.key` is there when the row is.
  public static func viewRow(_ columns: [(name: String, type: ColumnType)]) -> ExpressionEnvironment {
    var fields: [String: ExpressionType] = ["key": .string]
    for column in columns { fields[column.name] = column.type.expressionType }
    let row = RecordType(name: "row", missing: "the view has no column '%'", fields: fields)
    return ExpressionEnvironment(variables: [
      Variable("event", .record(event)), Variable("row", .record(row)),
    ])
  }
}

extension ColumnType {
  /// The type of what a row holds in such a column.
  var expressionType: ExpressionType {
    switch self {
    case .text: .string
    case .integer: .int
    case .real: .double
    case .boolean: .bool
    case .time: .timestamp
    case .json: .dyn
    }
  }
}

extension Expression {
  /// Whether the value depends on the row of a view.
  public var readsRow: Bool { program.reads(variable: ExpressionEnvironment.rowSlot) }
}

extension Scope {
  /// Makes the scope of a view's expressions.
  ///
  /// `row` holds the key and what the columns hold, by name; it is empty when there is no row.
  public init(event: JSONContent, row: [(name: String, value: ColumnValue)] = []) {
    let members = row.compactMap { column in Value(column.value).map { (key: column.name, value: $0) } }
    variables = Variables([event.value(at: 0), .map(members.isEmpty ? .empty : MapValue(members))])
  }
}
