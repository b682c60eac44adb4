// SPDX-License-Identifier: Apache-2.0

import Expressions

/// What a row of a view holds beside its key, in the order of the view's columns.
struct ViewRow: Sendable, Hashable {
  var values: [ColumnValue]

  /// A row in which every column is empty.
  init(columns: Int) { values = [ColumnValue](repeating: .null, count: columns) }

  init(_ values: [ColumnValue]) { self.values = values }
}

/// What tells the rows of a view apart.
struct RowKey: Sendable, Hashable {
  let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var text: String { String(decoding: bytes, as: UTF8.self) }

  func hash(into hasher: inout Hasher) { bytes.withUnsafeBytes { hasher.combine(bytes: $0) } }
}

/// Some of a view's columns.
struct ColumnSet: Sendable, Hashable {
  private(set) var bits: UInt64 = 0

  /// All of so many columns, at most 63.
  init(all count: Int) { bits = (1 << UInt64(count)) - 1 }

  init() {}

  var isEmpty: Bool { bits == 0 }

  mutating func insert(_ column: Int) { bits |= 1 << UInt64(column) }

  mutating func formUnion(_ other: ColumnSet) { bits |= other.bits }

  func contains(_ column: Int) -> Bool { bits & (1 << UInt64(column)) != 0 }
}
