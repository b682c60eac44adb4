// SPDX-License-Identifier: Apache-2.0

import DurableLog
import GRDB

/// The ids of texts that repeat from row to row: sources, types, rules, revisions, listeners.
///
/// A bounded part is kept in memory: whoever sends ever new names must not fill it.
struct NameTable {
  private static let capacity = 4096

  private var ids: [[UInt8]: Int64] = [:]
  private let select: PreparedStatement
  private let insert: PreparedStatement
  /// The name of the row before, since names come in runs; compared without making a key.
  private var last: (text: [UInt8], id: Int64)?

  init(_ database: Database) throws {
    select = try PreparedStatement(database, "SELECT id FROM name WHERE text = ?")
    insert = try PreparedStatement(database, "INSERT INTO name (text) VALUES (?) RETURNING id")
  }

  /// The id of a text, which is stored if it is new.
  mutating func id(of text: UnsafeRawBufferPointer) throws -> Int64 {
    if let last, last.text.count == text.count, last.text.elementsEqual(text) { return last.id }
    let key = [UInt8](text)
    let id = try cachedID(of: key, text)
    last = (key, id)
    return id
  }

  private mutating func cachedID(
    of key: [UInt8],
    _ text: UnsafeRawBufferPointer
  ) throws -> Int64 {
    if let id = ids[key] { return id }
    select.bind(1, text)
    var id = try select.integer()
    if id == nil {
      insert.bind(1, text)
      id = try insert.integer()
    }
    guard let id else { throw LogFailure(.corrupt, "a stored name has no id") }
    if ids.count >= Self.capacity { ids.removeAll(keepingCapacity: true) }
    ids[key] = id
    return id
  }

  /// Forgets what is in memory: after a rollback an id may belong to no row.
  mutating func forget() {
    ids.removeAll()
    last = nil
  }
}
