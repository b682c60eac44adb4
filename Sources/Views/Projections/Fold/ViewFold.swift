// SPDX-License-Identifier: Apache-2.0

import EventModel
import Expressions
import Rules

/// What events make of the rows of a view.
///
/// A pure function of the view's definition, the rows before and the event.
struct ViewFold: Sendable {
  /// Why an event cannot be folded: the expression that has no value, or one that does not fit.
  struct Failure: Error, Hashable, Sendable {
    let message: String

    init(_ message: String) { self.message = message }

    init(_ subject: String, _ error: EvaluationError, at place: Condition.Place) {
      message = "\(subject): \(error) (\(place.file):\(place.line):\(place.column))"
    }
  }

  /// What becomes of a row.
  enum Change: Sendable, Hashable {
    case none
    case delete
    /// The row after the event, and which of its columns the event speaks of.
    case write(ViewRow, ColumnSet)
  }

  /// How many bytes a value may have.
  static let greatestValue = 1 << 20

  let view: ViewDefinition

  /// Which row an entry changes.
  func key(of entry: ViewEntry, in scope: Scope) throws(Failure) -> RowKey {
    do throws(EvaluationError) {
      return RowKey(try entry.key.expression.rowKey(in: scope))
    } catch {
      throw Failure("key", error, at: entry.key.place)
    }
  }

  /// What an entry makes of a row; `scope` sees the event, and the row too if the entry looks at it.
  func change(_ entry: ViewEntry, of before: ViewRow?, in scope: Scope) throws(Failure) -> Change {
    guard try holds(entry.condition, in: scope) else { return .none }
    guard case .write(let changes) = entry.change else { return before == nil ? .none : .delete }
    var row = before ?? ViewRow(columns: view.columns.count)
    var changed = before == nil ? ColumnSet(all: view.columns.count) : ColumnSet()
    for change in changes {
      let value = try value(of: change, before: before?.values[change.column] ?? .null, in: scope)
      row.values[change.column] = value
      changed.insert(change.column)
    }
    return .write(row, changed)
  }

  /// What an entry's expressions see.
  func scope(of entry: ViewEntry, _ key: RowKey, _ before: ViewRow?, _ event: JSONContent) -> Scope {
    guard let before else { return Scope(event: event) }
    let columns = zip(view.columns, before.values).map { (name: $0.name, value: $1) }
    return Scope(event: event, row: columns + [(name: "key", value: .text(key.bytes))])
  }

  private func holds(_ condition: Condition?, in scope: Scope) throws(Failure) -> Bool {
    guard let condition else { return true }
    do throws(EvaluationError) {
      return try condition.expression.holds(in: scope)
    } catch {
      throw Failure("condition", error, at: condition.place)
    }
  }

  private func value(of change: ColumnChange, before: ColumnValue, in scope: Scope) throws(Failure)
    -> ColumnValue
  {
    let column = view.columns[change.column]
    let value: ColumnValue
    do throws(EvaluationError) {
      value = try change.value.columnValue(as: column.type, in: scope)
    } catch {
      throw Failure(column.name, error, at: change.place)
    }
    let problem: String
    switch change.kind {
    case .set:
      if value.count <= Self.greatestValue { return value }
      problem = "the value has more than \(Self.greatestValue) bytes"
    case .increment:
      if let sum = before.sum(value) { return sum }
      problem = value == .null ? "there is nothing to add" : "the sum is too great"
    case .append:
      let list = before.list(value)
      if let list, list.count <= Self.greatestValue { return list }
      problem =
        list == nil ? "the column holds no list" : "the list has more than \(Self.greatestValue) bytes"
    }
    throw Failure(
      "\(column.name): \(problem) (\(change.place.file):\(change.place.line):\(change.place.column))"
    )
  }
}

extension ColumnValue {
  /// How many bytes a text has; 0 for other values.
  fileprivate var count: Int {
    switch self {
    case .text(let bytes), .json(let bytes): bytes.count
    default: 0
    }
  }

  /// The number with another one added to it; nil when there is none.
  fileprivate func sum(_ other: ColumnValue) -> ColumnValue? {
    switch (self, other) {
    case (.null, .integer), (.null, .real): return other
    case (.integer(let left), .integer(let right)):
      let (sum, isTooGreat) = left.addingReportingOverflow(right)
      return isTooGreat ? nil : .integer(sum)
    case (.real(let left), .real(let right)): return (left + right).isFinite ? .real(left + right) : nil
    default: return nil
    }
  }

  /// The list with another value at its end; nil when it is no list.
  fileprivate func list(_ other: ColumnValue) -> ColumnValue? {
    let element: [UInt8] = if case .json(let bytes) = other { bytes } else { Array("null".utf8) }
    switch self {
    case .null: return .json([UInt8(ascii: "[")] + element + [UInt8(ascii: "]")])
    case .json(var list):
      guard list.first == UInt8(ascii: "[") else { return nil }
      list.removeLast()
      if list.count > 1 { list.append(UInt8(ascii: ",")) }
      return .json(list + element + [UInt8(ascii: "]")])
    default: return nil
    }
  }
}
