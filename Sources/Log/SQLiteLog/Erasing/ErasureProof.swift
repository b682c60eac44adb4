// SPDX-License-Identifier: Apache-2.0

import EventModel
import DurableLog
import Foundation
import GRDB

/// Proves that the tombstones of a log are those of its notices, no more and no fewer.
///
/// A notice is genuine if its id is made of the checksum of the event before it, which no producer can know; it is proved
/// by its own checksum, like any event. Its digest proves the rows of `erased` that belong to it, and these the tombstones.
struct ErasureProof {
  private let database: Database
  /// The number of the notices' type; nil when there is none.
  private let type: Int64?
  private var named: Int64 = 0

  init(_ database: Database) throws {
    self.database = database
    type = try Int64.fetchOne(
      database,
      sql: "SELECT id FROM name WHERE text = ?",
      arguments: [Data(ErasureNotice.type.utf8)]
    )
  }

  /// The id of a notice that follows an event with a checksum.
  static func id(after checksum: ChainedChecksum) -> String {
    "erasure-" + checksum.withUnsafeBytes { Hexadecimal.text($0.prefix(16)) }
  }

  /// Checks an event whose checksum is right; gives what is wrong if it is a notice of what was not erased.
  mutating func check(_ position: Int64, type: Int64, body: Data, after checksum: ChainedChecksum) throws
    -> LogVerification.Damage?
  {
    guard type == self.type, let event = try? JSONDocument([UInt8](body)).root,
      event["source"]?.string == ErasureNotice.source, event["id"]?.string == Self.id(after: checksum)
    else { return nil }
    var digest = TombstoneDigest()
    var positions: [LogPosition] = []
    let rows = try Row.fetchCursor(
      database,
      sql: "SELECT position, sum FROM erased WHERE notice = ? ORDER BY position",
      arguments: [position]
    )
    while let row = try rows.next() {
      let erased: Int64 = try row.decode(atIndex: 0)
      digest.add(erased, TombstoneSum(stored: try row.decode(atIndex: 1)))
      positions.append(LogPosition(rawValue: erased))
    }
    named += Int64(positions.count)
    let data = event["data"]
    guard data?["digest"]?.string == digest.text,
      data?["ranges"].map({ JSONValue($0) }) == ErasureNotice.ranges(positions)
    else {
      return LogVerification.Damage(
        position: LogPosition(rawValue: position),
        reason: "what was erased is not what this event says"
      )
    }
    return nil
  }

  /// Gives what is wrong if something is erased that no notice names.
  func checkRest() throws -> LogVerification.Damage? {
    guard try Int64.fetchOne(database, sql: "SELECT count(*) FROM erased") != named else { return nil }
    let first = try Int64.fetchOne(
      database,
      sql: """
        SELECT min(position) FROM erased
        WHERE NOT EXISTS (SELECT 1 FROM event WHERE event.position = erased.notice AND event.type IS ?1)
        """,
      arguments: [type]
    )
    return LogVerification.Damage(
      position: LogPosition(rawValue: first ?? 0),
      reason: "the event is erased, and no event says so"
    )
  }
}
