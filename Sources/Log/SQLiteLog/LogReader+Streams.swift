// SPDX-License-Identifier: Apache-2.0

public import DurableLog
import EventModel
import Foundation
import GRDB

// The requirements are documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension LogReader {
  public func version(of stream: StreamName) throws(LogFailure) -> Int64 {
    try read { database in
      guard let owner = try Self.owner(stream.owner, database) else { return 0 }
      return try Int64.fetchOne(
        database,
        sql: "SELECT version FROM stream WHERE owner = ? AND key = ? ORDER BY version DESC LIMIT 1",
        arguments: [owner, Data(stream.key)]
      ) ?? 0
    }
  }

  public func events(
    of stream: StreamName,
    after version: Int64,
    limit: Int
  ) throws(LogFailure) -> EventPage {
    try read { database in
      guard let owner = try Self.owner(stream.owner, database) else { return EventPage() }
      let rows = try StreamRow(database, isCached: true)
      return try rows.page(of: owner, stream.key, after: version, limit: limit)
    }
  }

  public func streams(
    of owner: String,
    after key: [UInt8]?,
    limit: Int
  ) throws(LogFailure) -> [StreamVersion] {
    try read { database in
      guard let id = try Self.owner(owner, database) else { return [] }
      // One seek in the table's own order for each stream, however many events it has.
      let next = try database.cachedStatement(
        sql: "SELECT key FROM stream WHERE owner = ? AND key > ? ORDER BY key LIMIT 1"
      )
      let first = try database.cachedStatement(
        sql: "SELECT key FROM stream WHERE owner = ? ORDER BY key LIMIT 1"
      )
      let last = try database.cachedStatement(
        sql: "SELECT version FROM stream WHERE owner = ? AND key = ? ORDER BY version DESC LIMIT 1"
      )
      var found: [StreamVersion] = []
      var place = key.map { Data($0) }
      while found.count < limit {
        let key =
          try place.map { try Data.fetchOne(next, arguments: [id, $0]) }
          ?? Data.fetchOne(first, arguments: [id])
        guard let key else { break }
        let version = try Int64.fetchOne(last, arguments: [id, key]) ?? 0
        found.append(StreamVersion(StreamName(owner: owner, key: [UInt8](key)), version))
        place = key
      }
      return found
    }
  }

  public func answer(to command: String, of owner: String) throws(LogFailure) -> [UInt8]? {
    try read { database in
      guard let owner = try Self.owner(owner, database) else { return nil }
      return try Data.fetchOne(
        database,
        sql: "SELECT content FROM answer WHERE owner = ? AND command = ?",
        arguments: [owner, command]
      ).map { [UInt8]($0) }
    }
  }

  /// The id of an owner's name; nil when nothing was stored under it.
  private static func owner(_ name: String, _ database: Database) throws -> Int64? {
    let statement = try database.cachedStatement(sql: "SELECT id FROM name WHERE text = ?")
    return try Int64.fetchOne(statement, arguments: [Data(name.utf8)])
  }
}
