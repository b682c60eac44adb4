// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import GRDB

/// The statements about streams and answered commands inside a transaction.
///
/// Belongs to the writer thread.
final class StreamWriter {
  private let find: PreparedStatement
  private let insert: PreparedStatement
  private let delete: PreparedStatement
  private let findAnswer: PreparedStatement
  private let insertAnswer: PreparedStatement
  private let rows: StreamRow

  init(_ database: Database) throws {
    find = try PreparedStatement(
      database,
      "SELECT version, position FROM stream WHERE owner = ?1 AND key = ?2 ORDER BY version DESC LIMIT 1"
    )
    insert = try PreparedStatement(
      database,
      "INSERT INTO stream (owner, key, version, position) VALUES (?1, ?2, ?3, ?4)"
    )
    delete = try PreparedStatement(
      database,
      """
      DELETE FROM stream WHERE owner = ?1
      AND (key, version) IN (SELECT key, version FROM stream WHERE owner = ?1 LIMIT ?2)
      """
    )
    findAnswer = try PreparedStatement(
      database,
      "SELECT content FROM answer WHERE owner = ?1 AND command = CAST(?2 AS TEXT)"
    )
    insertAnswer = try PreparedStatement(
      database,
      "INSERT INTO answer (owner, command, position, content) VALUES (?1, CAST(?2 AS TEXT), ?3, ?4)"
    )
    rows = try StreamRow(database)
  }

  /// The version of a stream, and where its last event is.
  func end(of owner: Int64, _ key: [UInt8]) throws -> (version: Int64, position: Int64?) {
    find.bind(1, owner)
    return try key.withUnsafeBytes { key in
      find.bind(2, key)
      guard try find.step() else { return (0, nil) }
      defer { find.reset() }
      return (find.integer(0), find.integer(1))
    }
  }

  /// Adds an event to a stream.
  func extend(_ owner: Int64, _ key: [UInt8], with position: LogPosition) throws -> Int64 {
    let version = try end(of: owner, key).version + 1
    insert.bind(1, owner)
    insert.bind(3, version)
    insert.bind(4, position.rawValue)
    try insert.run([(2, key)])
    return version
  }

  /// The events of a stream behind a version.
  func page(of owner: Int64, _ key: [UInt8], after version: Int64, limit: Int) throws -> EventPage {
    try rows.page(of: owner, key, after: version, limit: limit)
  }

  /// Forgets streams of an owner, some events' worth of them; false when there are none.
  func forget(of owner: Int64, limit: Int) throws -> Bool {
    delete.bind(1, owner)
    delete.bind(2, Int64(limit))
    try delete.run()
    return delete.changes > 0
  }

  /// What a command was answered.
  func answer(to command: String, of owner: Int64) throws -> [UInt8]? {
    findAnswer.bind(1, owner)
    return try Array(command.utf8).withUnsafeBytes { command in
      findAnswer.bind(2, command)
      guard try findAnswer.step() else { return nil }
      defer { findAnswer.reset() }
      return [UInt8](findAnswer.bytes(0))
    }
  }

  /// Keeps what a command is answered; `position` is the newest event before it.
  func keep(_ answer: [UInt8], to command: String, of owner: Int64, at position: Int64) throws {
    insertAnswer.bind(1, owner)
    insertAnswer.bind(3, position)
    try insertAnswer.run([(2, Array(command.utf8)), (4, answer)])
  }
}

/// Reads the events of a stream.
///
/// Belongs to the thread of its connection.
struct StreamRow {
  private let rows: PreparedStatement

  init(_ database: Database, isCached: Bool = false) throws {
    rows = try PreparedStatement(
      database,
      """
      SELECT recorded, body, position FROM stream JOIN event USING (position)
      WHERE owner = ?1 AND key = ?2 AND version > ?3 ORDER BY version LIMIT ?4
      """,
      isCached: isCached
    )
  }

  /// The events of a stream behind a version, in order.
  func page(of owner: Int64, _ key: [UInt8], after version: Int64, limit: Int) throws -> EventPage {
    rows.bind(1, owner)
    rows.bind(3, version)
    rows.bind(4, Int64(limit))
    return try key.withUnsafeBytes { key in
      rows.bind(2, key)
      return try EventRow.page(of: rows)
    }
  }
}
