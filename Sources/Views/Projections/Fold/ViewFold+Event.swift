// SPDX-License-Identifier: Apache-2.0

import EventModel
import Expressions
import Rules

/// Rows of a view that can be looked up and changed.
protocol RowStore {
  /// The row of a key; nil when there is none.
  mutating func row(_ key: RowKey) throws -> ViewRow?

  /// Puts a row in place of what was there, or removes it; `changed` are the columns that may differ.
  mutating func put(_ key: RowKey, _ row: ViewRow?, changed: ColumnSet)
}

extension ViewFold {
  private typealias Pending = (key: RowKey, row: ViewRow?, changed: ColumnSet)

  /// Folds an event that matches some entries, by their places; it changes all that they say, or nothing and says why.
  ///
  /// `isMeant` says of which rows it is to change at all.
  func fold(
    _ event: JSONContent,
    entries: some Sequence<Int>,
    into rows: inout some RowStore,
    where isMeant: (RowKey) -> Bool = { _ in true }
  ) throws -> Failure? {
    let scope = Scope(event: event)
    var pending: [Pending] = []
    do {
      for place in entries {
        let entry = view.entries[place]
        let key = try key(of: entry, in: scope)
        guard isMeant(key) else { continue }
        let earlier = pending.last { $0.key == key }
        let before = try earlier.map(\.row) ?? rows.row(key)
        let own = entry.readsRow ? self.scope(of: entry, key, before, event) : scope
        switch try change(entry, of: before, in: own) {
        case .none: break
        case .delete: pending.append((key, nil, ColumnSet(all: view.columns.count)))
        case .write(let row, let changed): pending.append((key, row, changed))
        }
      }
    } catch let failure as Failure {
      return failure
    }
    for change in pending { rows.put(change.key, change.row, changed: change.changed) }
    return nil
  }
}
