// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import Expressions

/// How some events change a row, as written.
struct ViewEntryDraft {
  let range: Range<Int>
  private(set) var filter = FilterDraft()
  private var condition: YAMLNode?
  private var key: YAMLNode?
  private var changes: [ColumnChange.Kind: [YAMLNode.Member]] = [:]
  private var isDeletion = false

  static let record = Record(
    "an entry of a view",
    make: { ViewEntryDraft(range: $0) },
    // The type is the key under which the entry stands.
    fields: FilterDraft.fields { draft, change in change(&draft.filter) }.filter { $0.name != "type" } + [
      Field(
        "condition",
        "What must hold, in CEL: `event` is the event, `row` the row before it.",
        .node(["type": ["string", "boolean"]])
      ) { $0.condition = $1 },
      Field(
        "key",
        "Which row is changed, in CEL; by default that of the view's key.",
        .node(["type": "string"])
      ) {
        $0.key = $1
      },
      Field("set", "The values that columns get, in CEL.", .assignments) { $0.changes[.set] = $1 },
      Field("increment", "What is added to numbers in columns, in CEL.", .assignments) {
        $0.changes[.increment] = $1
      },
      Field("append", "What is put at the end of lists in columns, in CEL.", .assignments) {
        $0.changes[.append] = $1
      },
      Field("delete", "Whether the row is removed.", .boolean) { $0.isDeletion = $1 },
    ]
  )

  /// The entry for events of a type; nil after a report.
  func entry(
    of type: YAMLNode,
    in table: ViewTableDraft,
    key shared: Key?,
    isKeyWritten: Bool,
    _ reader: inout NodeReader
  ) -> ViewEntry? {
    var filter = filter
    filter.types = [type]
    let trigger = filter.trigger(&reader)
    let condition = condition.map { ConditionReader.condition($0, in: table.environment, &reader) }
    let own = KeyReader.key(key, in: .viewKey, &reader)
    if own == nil, !isKeyWritten {
      let help = "which row the events change: event.data.order, for the view or for each of its entries"
      reader.report(.missingKey, "the entry needs 'key'", at: start, help: help)
    }
    let change = change(in: table, &reader)
    guard let change, let key = own ?? shared else { return nil }
    return ViewEntry(trigger: trigger, condition: condition ?? nil, key: key, change: change)
  }

  private var start: Range<Int> { range.lowerBound..<range.lowerBound + 1 }

  private func change(in table: ViewTableDraft, _ reader: inout NodeReader) -> ViewEntry.Change? {
    let count = changes.values.reduce(0) { $0 + $1.count }
    guard isDeletion != (count > 0) else {
      let message = isDeletion ? "a row that is removed cannot change" : "the entry changes nothing"
      reader.report(
        .combination,
        message,
        at: start,
        help: "give either set, increment and append, or delete"
      )
      return nil
    }
    if isDeletion { return .delete }
    var changed: Set<Int> = []
    let written = ColumnChange.Kind.allCases.flatMap { kind in
      (changes[kind] ?? []).compactMap { member -> ColumnChange? in
        guard let place = table.place(of: member.key, &reader) else { return nil }
        if !changed.insert(place).inserted {
          reader.report(.combination, "the entry changes '\(member.name)' twice", at: member.key.range)
        }
        return Self.change(kind, place, member, in: table, &reader)
      }
    }
    return written.count == count ? .write(written) : nil
  }

  /// Reads what is written for a column, and compares its type with that of the column.
  private static func change(
    _ kind: ColumnChange.Kind,
    _ place: Int,
    _ member: YAMLNode.Member,
    in table: ViewTableDraft,
    _ reader: inout NodeReader
  ) -> ColumnChange? {
    let column = table.columns[place]
    guard kind.suits(column.type) else {
      let message = "'\(kind.rawValue)' is not for a column of type \(column.type.rawValue)"
      reader.report(.columnType, message, at: member.key.range, help: kind.help)
      return nil
    }
    guard let text = member.value.text else {
      reader.expected("an expression such as event.data.total", member.value)
      return nil
    }
    do throws(ExpressionErrors) {
      let expression = try Expression(text, in: table.environment)
      guard kind == .append || column.type.mayHold(expression.type) else {
        let message = "a column of type \(column.type.rawValue) cannot hold a \(expression.type)"
        reader.report(.columnType, message, at: member.value.range, help: Self.help(column.type))
        return nil
      }
      let position = ConditionReader.place(of: text, at: member.value, reader)
      return ColumnChange(column: place, kind: kind, value: expression, place: position)
    } catch {
      for error in error.errors { reader.report(error, in: member.value) }
      return nil
    }
  }

  private static func help(_ type: ColumnType) -> String? {
    switch type {
    case .text: "convert it: string(…)"
    case .integer: "convert it: int(…)"
    case .real: "convert it: double(…)"
    case .time: "an instant or a text such as 2026-01-31T00:00:00Z, for example event.time"
    case .boolean, .json: nil
    }
  }
}

extension ColumnChange.Kind {
  /// Whether columns of a type can be changed so.
  fileprivate func suits(_ type: ColumnType) -> Bool {
    switch self {
    case .set: true
    case .increment: type == .integer || type == .real
    case .append: type == .json
    }
  }

  fileprivate var help: String? {
    switch self {
    case .set: nil
    case .increment: "numbers stand in columns of type integer or real"
    case .append: "lists stand in columns of type json"
    }
  }
}

extension Shape where Value == [YAMLNode.Member] {
  /// Expressions by the names of columns.
  static let assignments = Shape(
    schema: [
      "type": "object", "additionalProperties": ["type": ["string", "number", "boolean", "null"]],
    ]
  ) { node, reader in
    guard case .mapping(let members) = node.content else {
      reader.expected(
        "a mapping from columns to expressions",
        node,
        help: "write { total: event.data.total }"
      )
      return nil
    }
    return members
  }
}
