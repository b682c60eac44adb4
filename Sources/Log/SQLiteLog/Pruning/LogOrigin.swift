// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// Where the part of the log begins that is whole: behind the last event that was looked at when events were forgotten.
///
/// Of the events before it only those are there that had to be kept; each of these has the checksum of the one that was
/// before it in the table `kept`, so that it can still be proved.
enum LogOrigin {
  /// The position and checksum of the last event that was looked at; the log's beginning when none was.
  static func read(_ database: Database) throws -> LogHead {
    guard let stored = try Data.fetchOne(database, sql: "SELECT value FROM meta WHERE key = 'origin'"),
      stored.count == 8 + ChainedChecksum.length
    else { return LogHead(position: 0, checksum: .start) }
    let bytes = [UInt8](stored)
    let position = bytes.withUnsafeBytes { Int64(littleEndian: $0.loadUnaligned(as: Int64.self)) }
    return LogHead(position: position, checksum: ChainedChecksum(bytes: Array(bytes[8...])))
  }

  static func write(_ origin: LogHead, _ database: Database) throws {
    let statement = try database.cachedStatement(
      sql: "INSERT OR REPLACE INTO meta (key, value) VALUES ('origin', ?)"
    )
    try statement.execute(arguments: [Data(origin.bytes)])
  }
}
