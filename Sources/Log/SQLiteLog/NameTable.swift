// SPDX-License-Identifier: Apache-2.0

import DurableLog
import GRDB

/// The ids of texts that repeat from row to row: sources, types, rules, revisions, listeners.
///
/// A bounded part is kept in memory: whoever sends ever new names must not fill it. Every text has one place there,
/// which it shares with others of the same hash; to find it again makes no key.
struct NameTable {
  private struct Entry {
    var text: [UInt8] = []
    var id: Int64 = 0
  }

  /// How many texts are kept at most; a power of two.
  private static let capacity = 1024

  private var entries = [Entry](repeating: Entry(), count: capacity)
  private let select: PreparedStatement
  private let insert: PreparedStatement

  init(_ database: Database) throws {
    select = try PreparedStatement(database, "SELECT id FROM name WHERE text = ?")
    insert = try PreparedStatement(database, "INSERT INTO name (text) VALUES (?) RETURNING id")
  }

  /// The id of a text, which is stored if it is new.
  mutating func id(of text: UnsafeRawBufferPointer) throws -> Int64 {
    let place = Self.place(of: text)
    if entries[place].id != 0, Self.isEqual(entries[place].text, text) { return entries[place].id }
    select.bind(1, text)
    var id = try select.integer()
    if id == nil {
      insert.bind(1, text)
      id = try insert.integer()
    }
    guard let id else { throw LogFailure(.corrupt, "a stored name has no id") }
    entries[place] = Entry(text: [UInt8](text), id: id)
    return id
  }

  private static func isEqual(_ known: [UInt8], _ text: UnsafeRawBufferPointer) -> Bool {
    known.count == text.count && known.withUnsafeBytes { $0.elementsEqual(text) }
  }

  /// FNV-1a over the text's end, where names that are alike differ.
  private static func place(of text: UnsafeRawBufferPointer) -> Int {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ UInt64(text.count)
    for byte in text.suffix(16) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return Int((hash ^ hash >> 32) & UInt64(capacity - 1))
  }

  /// Forgets what is in memory: after a rollback an id may belong to no row.
  mutating func forget() {
    for place in entries.indices { entries[place].id = 0 }
  }
}
