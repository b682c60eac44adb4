// SPDX-License-Identifier: Apache-2.0

/// The rows that the events of one transaction touch, in memory until they are written.
struct TouchedRows: RowStore {
  private struct Touched {
    var row: ViewRow?
    let wasThere: Bool
    var changed = ColumnSet()
  }

  private let table: ViewTable
  private var rows: [RowKey: Touched] = [:]

  init(_ table: ViewTable) { self.table = table }

  /// How many rows are touched.
  var count: Int { rows.count }

  mutating func row(_ key: RowKey) throws -> ViewRow? {
    if let touched = rows[key] { return touched.row }
    let row = try table.row(key)
    rows[key] = Touched(row: row, wasThere: row != nil)
    return row
  }

  mutating func put(_ key: RowKey, _ row: ViewRow?, changed: ColumnSet) {
    // A row is put only where it was looked up before.
    guard let place = rows.index(forKey: key) else { return }
    rows.values[place].row = row
    rows.values[place].changed.formUnion(changed)
  }

  /// Calls `body` with each row that the events have changed, as it is now.
  func forEachChange(_ body: (RowKey, ViewRow?) throws -> Void) rethrows {
    for (key, touched) in rows where !touched.changed.isEmpty { try body(key, touched.row) }
  }

  /// Writes what has changed, and gives by how much the number of rows has.
  func write() throws(ViewFailure) -> Int64 {
    var difference: Int64 = 0
    for (key, touched) in rows {
      switch (touched.row, touched.wasThere) {
      case (nil, false): break
      case (nil, true):
        try table.delete(key)
        difference -= 1
      case (let row?, false):
        try table.insert(key, row)
        difference += 1
      case (let row?, true) where !touched.changed.isEmpty: try table.update(key, row, touched.changed)
      case (_?, true): break
      }
    }
    return difference
  }

  /// Forgets all rows.
  mutating func removeAll() { rows.removeAll(keepingCapacity: true) }
}
