// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// Which events are gone in the part of the log that is whole otherwise, since those of their type were to be forgotten.
///
/// A gap is of events that follow one another, with the checksum of its last one, so that the next event can still be
/// proved. Gaps never touch: one that grows up to another is one with it.
struct LogGaps {
  /// Events that are gone.
  struct Gap {
    /// The position of the first one.
    let first: Int64
    /// The position and checksum of the last one.
    let head: LogHead
  }

  private static let columns = "SELECT first, last, checksum FROM gap"
  private let database: Database

  init(_ database: Database) { self.database = database }

  /// Notes that an event is gone; `checksum` is its own.
  func add(_ position: Int64, _ checksum: ChainedChecksum) throws {
    let before = try gap(endingAt: position - 1)
    if before != nil { try remove(endingAt: position - 1) }
    let behind = try gap(beginningAt: position + 1)
    let first = before?.first ?? position
    if let behind {
      let widen = try database.cachedStatement(sql: "UPDATE gap SET first = ? WHERE last = ?")
      return try widen.execute(arguments: [first, behind.head.position])
    }
    let insert = try database.cachedStatement(sql: "INSERT INTO gap (last, first, checksum) VALUES (?, ?, ?)")
    try insert.execute(arguments: [position, first, Data(checksum.bytes)])
  }

  /// The gap whose last event was at a position.
  func gap(endingAt position: Int64) throws -> Gap? { try fetch("WHERE last = ?", position) }

  /// The gap whose first event was at a position.
  func gap(beginningAt position: Int64) throws -> Gap? {
    guard let next = try fetch("WHERE last >= ? ORDER BY last LIMIT 1", position) else { return nil }
    return next.first == position ? next : nil
  }

  /// How many there are.
  var count: Int64 { get throws { try Int64.fetchOne(database, sql: "SELECT count(*) FROM gap") ?? 0 } }

  /// The first one.
  var first: Gap? { get throws { try fetch("WHERE last >= ? ORDER BY last LIMIT 1", 0) } }

  /// Forgets those that are at or before the origin, where it is not told any more what is gone.
  func remove(before origin: Int64) throws {
    try database.cachedStatement(sql: "DELETE FROM gap WHERE last <= ?").execute(arguments: [origin])
  }

  private func remove(endingAt position: Int64) throws {
    try database.cachedStatement(sql: "DELETE FROM gap WHERE last = ?").execute(arguments: [position])
  }

  private func fetch(_ clause: String, _ position: Int64) throws -> Gap? {
    let statement = try database.cachedStatement(sql: "\(Self.columns) \(clause)")
    guard let row = try Row.fetchOne(statement, arguments: [position]) else { return nil }
    return Gap(
      first: try row.decode(atIndex: 0),
      head: LogHead(
        position: try row.decode(atIndex: 1),
        checksum: try ChainedChecksum(stored: row.decode(Data.self, atIndex: 2))
      )
    )
  }
}
