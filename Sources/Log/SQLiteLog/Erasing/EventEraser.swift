// SPDX-License-Identifier: Apache-2.0

import Crypto
import DurableLog
import EventModel
import Foundation
import GRDB

/// Erases events inside a transaction.
///
/// The row of an event stays with its checksum, which the next event needs; its body makes way for a tombstone, of which the
/// table `erased` has a checksum and says by which notice it was erased. SQLite writes over what is deleted
/// (`secure_delete`). Belongs to the writer thread.
struct EventEraser {
  private let database: Database
  private let runs: EventRuns

  init(_ database: Database) {
    self.database = database
    runs = EventRuns(database: database)
  }

  /// What there is of an event.
  private struct Found {
    let position: Int64
    let recorded: Int64
    let source: Int64
    let event: JSONDocument
  }

  /// Erases events, of which the notice will be at a position; gives what was done, and the digest of the tombstones.
  func erase(_ wish: Erasure, notice: Int64) throws -> (outcome: ErasureOutcome, digest: String) {
    var outcome = ErasureOutcome()
    var digest = TombstoneDigest()
    let positions = Set(wish.positions).sorted()
    let needed = try runs.needed(positions.map(\.rawValue))
    for position in positions {
      guard let found = try find(position.rawValue) else { continue }
      if try isErased(position.rawValue) {
        outcome.already += 1
      } else if wish.keptTypes.contains(found.event.root["type"]?.string ?? "") {
        outcome.kept += 1
      } else if needed.contains(position.rawValue) {
        outcome.needed.append(position)
      } else {
        digest.add(position.rawValue, try bury(found, notice: notice))
        for run in try runs.over(of: position.rawValue) { try clear(run.id) }
        outcome.erased.append(position)
      }
    }
    return (outcome, digest.text)
  }

  private func find(_ position: Int64) throws -> Found? {
    let statement = try database.cachedStatement(
      sql: "SELECT recorded, source, body FROM event WHERE position = ?"
    )
    guard let row = try Row.fetchOne(statement, arguments: [position]) else { return nil }
    return Found(
      position: position,
      recorded: try row.decode(atIndex: 0),
      source: try row.decode(atIndex: 1),
      event: try JSONDocument([UInt8](row.decode(Data.self, atIndex: 2)))
    )
  }

  private func isErased(_ position: Int64) throws -> Bool {
    let statement = try database.cachedStatement(sql: "SELECT 1 FROM erased WHERE position = ?")
    return try Int64.fetchOne(statement, arguments: [position]) != nil
  }

  /// Puts a tombstone in the place of an event, and gives its checksum.
  private func bury(_ found: Found, notice: Int64) throws -> TombstoneSum {
    let tombstone = try Tombstone.batch(
      of: found.event.root,
      recorded: Timestamp(microseconds: found.recorded),
      id: freeID("erased-\(found.position)", of: found.source)
    )
    let (id, body) = (Data(tombstone.bytes[tombstone.entries[0].id]), Data(tombstone.json(0)))
    let sum = TombstoneSum(position: found.position, recorded: found.recorded, body: body)
    try database.cachedStatement(sql: "UPDATE event SET id = ?, body = ?, salt = NULL WHERE position = ?")
      .execute(arguments: [id, body, found.position])
    try database.cachedStatement(sql: "INSERT INTO erased (position, notice, sum) VALUES (?, ?, ?)")
      .execute(arguments: [found.position, notice, Data(sum.bytes)])
    return sum
  }

  /// An id that no event of the same source has.
  private func freeID(_ id: String, of source: Int64) throws -> String {
    let find = try database.cachedStatement(sql: "SELECT 1 FROM event WHERE source = ? AND id = ?")
    var id = id
    while try Int64.fetchOne(find, arguments: [source, Data(id.utf8)]) != nil { id += "-" }
    return id
  }

  /// Clears what has come of a run and its branches.
  private func clear(_ run: Int64) throws {
    let family = """
      WITH RECURSIVE family (member) AS (
        SELECT ?1 UNION SELECT id FROM run JOIN family ON parent = member WHERE parent IS NOT NULL
      )
      """
    let members = "IN (SELECT member FROM family)"
    for sql in [
      """
      \(family) UPDATE run SET outputs = NULL, failure = iif(failure IS NULL, NULL, '\(Erasure.erasedText)'),
        gate = NULL, turn = NULL WHERE id \(members)
      """, "\(family) UPDATE history SET input = NULL, result = NULL WHERE run \(members)",
    ] {
      try database.cachedStatement(sql: sql).execute(arguments: [run])
    }
  }
}

/// The checksum of a tombstone: SHA-256 over the position, the time of recording and the canonical JSON.
struct TombstoneSum: Equatable {
  let bytes: [UInt8]

  init(position: Int64, recorded: Int64, body: Data) {
    var hash = SHA256()
    withUnsafeBytes(of: (position.littleEndian, recorded.littleEndian)) { hash.update(bufferPointer: $0) }
    hash.update(data: body)
    bytes = hash.finalize().withUnsafeBytes { [UInt8]($0) }
  }

  /// Reads a stored one.
  init(stored bytes: Data) { self.bytes = [UInt8](bytes) }
}

/// The digest of all tombstones of a notice: SHA-256 over their positions and checksums, as lower-case hexadecimal digits.
struct TombstoneDigest {
  private var hash = SHA256()

  mutating func add(_ position: Int64, _ sum: TombstoneSum) {
    withUnsafeBytes(of: position.littleEndian) { hash.update(bufferPointer: $0) }
    hash.update(data: sum.bytes)
  }

  var text: String { hash.finalize().withUnsafeBytes { Hexadecimal.text($0) } }
}
