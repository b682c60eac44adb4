// SPDX-License-Identifier: Apache-2.0

import EventSources
import Foundation
import GRDB

/// The checkpoint of one source.
struct SQLiteCheckpoint: CheckpointReader {
  let source: String
  let reader: LogReader

  func value(for key: [UInt8]) throws -> [UInt8]? {
    try reader.read { database in
      try Data.fetchOne(
        database,
        sql: "SELECT value FROM checkpoint WHERE source = (SELECT id FROM name WHERE text = ?) AND key = ?",
        arguments: [Data(source.utf8), Data(key)]
      ).map { [UInt8]($0) }
    }
  }

  func forEach(_ body: (_ key: [UInt8], _ value: [UInt8]) throws -> Void) throws {
    try reader.read { database in
      let rows = try Row.fetchCursor(
        database,
        sql:
          "SELECT key, value FROM checkpoint WHERE source = (SELECT id FROM name WHERE text = ?) ORDER BY key",
        arguments: [Data(source.utf8)]
      )
      while let row = try rows.next() {
        let (key, value): (Data, Data) = (try row.decode(atIndex: 0), try row.decode(atIndex: 1))
        try body([UInt8](key), [UInt8](value))
      }
    }
  }
}
