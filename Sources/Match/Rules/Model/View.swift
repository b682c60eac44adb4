// SPDX-License-Identifier: Apache-2.0

public import Expressions

/// A read model: rows that are folded from events.
///
/// It never changes; an object since it is shared by all who fold, ask and show.
public final class ViewDefinition: Sendable {
  /// The view's id, unique in its set, which is also the name of its table.
  public let id: String
  /// What the view is for; may be empty.
  public let description: String
  /// The columns beside the key, in the order in which they are written.
  public let columns: [ViewColumn]
  /// The columns of each index, as places in `columns`.
  public let indexes: [[Int]]
  /// How events change rows; an event changes the rows of all entries that it matches, in order.
  public let entries: [ViewEntry]
  /// What becomes of an event for which a change has no value.
  public let onError: ViewErrorPolicy
  /// Whether whoever asks sees every event that was acknowledged before.
  public let consistency: ViewConsistency
  /// Names what the rows depend on: a prefix of a SHA-256, in hexadecimal.
  ///
  /// Views with equal revisions make equal rows of equal events.
  public let revision: String
  /// The name under which a log keeps which events concern which row: it changes with what says so.
  public let streamOwner: String

  init(
    id: String,
    description: String,
    columns: [ViewColumn],
    indexes: [[Int]],
    entries: [ViewEntry],
    onError: ViewErrorPolicy,
    consistency: ViewConsistency,
    revision: String,
    streamOwner: String
  ) {
    self.streamOwner = streamOwner
    self.id = id
    self.description = description
    self.columns = columns
    self.indexes = indexes
    self.entries = entries
    self.onError = onError
    self.consistency = consistency
    self.revision = revision
  }
}

/// A column of a view.
public struct ViewColumn: Sendable, Hashable {
  /// The name, which stands in SQL as it is.
  public let name: String
  /// What it holds.
  public let type: ColumnType

  /// Makes a column.
  public init(_ name: String, _ type: ColumnType) {
    self.name = name
    self.type = type
  }
}

/// How some events change a row of a view.
///
/// It never changes; an object since it is looked at with each event and holds much.
public final class ViewEntry: Sendable {
  /// What becomes of the row.
  public enum Change: Sendable {
    /// It is removed.
    case delete
    /// Columns of it get other values, all of them from the row as it was before; it is made when there is none.
    case write([ColumnChange])
  }

  /// The events that are meant.
  public let trigger: Trigger
  /// What must hold of the event and the row; nil when nothing more must.
  public let condition: Condition?
  /// Which row is changed.
  public let key: Key
  /// How.
  public let change: Change
  /// Whether an expression looks at the row as it was before.
  public let readsRow: Bool

  init(trigger: Trigger, condition: Condition?, key: Key, change: Change) {
    self.trigger = trigger
    self.condition = condition
    self.key = key
    self.change = change
    var expressions = condition.map { [$0.expression] } ?? []
    if case .write(let changes) = change { expressions += changes.map(\.value) }
    readsRow = expressions.contains { $0.readsRow }
  }
}

/// How a column of a row changes.
///
/// It never changes; an object for the same reason.
public final class ColumnChange: Sendable {
  /// The ways, by the keys under which they stand in an entry.
  public enum Kind: String, Sendable, CaseIterable {
    /// The column gets the value.
    case set
    /// The value is added to the number in the column; an empty column counts as zero.
    case increment
    /// The value is put at the end of the list in the column; an empty column counts as an empty list.
    case append
  }

  /// The place of the column.
  public let column: Int
  /// The way.
  public let kind: Kind
  /// The value.
  public let value: Expression
  /// Where the expression stands.
  public let place: Condition.Place

  init(column: Int, kind: Kind, value: Expression, place: Condition.Place) {
    self.column = column
    self.kind = kind
    self.value = value
    self.place = place
  }
}

/// What becomes of an event for which a change of a view has no value, or one that does not fit.
public enum ViewErrorPolicy: String, Sendable, CaseIterable {
  /// The event changes nothing in the view, and is counted and shown.
  case skip
  /// The view stops before the event until its definition is changed.
  case stop
}

/// What whoever asks a view may rely on.
public enum ViewConsistency: String, Sendable, CaseIterable {
  /// The view follows the log, and says how far it is.
  case async
  /// A question sees every event that was acknowledged before it was asked.
  case inline
}

extension ViewDefinition {
  /// Whether conditions may look up rows: then the log keeps, for each row, which events concern it.
  public var canBeLookedUp: Bool { consistency == .inline }
}

extension ViewEntry: CustomStringConvertible {
  /// The types of events that the entry is for.
  public var description: String {
    trigger.types.map { $0.text + ($0.isPrefix ? "*" : "") }.joined(separator: ", ")
  }
}
