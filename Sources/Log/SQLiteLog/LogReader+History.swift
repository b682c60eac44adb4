// SPDX-License-Identifier: Apache-2.0

public import DurableLog
import EventModel
import Foundation
import GRDB

// The requirements are documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension LogReader {
  public func history(of run: RunID, limit: Int) throws(LogFailure) -> [HistoryEntry] {
    try read { database in
      let rows = try Row.fetchAll(
        database,
        sql: """
          SELECT kind, step, attempt, began, ended, input, result FROM history WHERE run = ?
          ORDER BY number DESC LIMIT ?
          """,
        arguments: [run.rawValue, limit]
      )
      return try rows.reversed().map { row in
        guard let kind = HistoryEntry.Kind(rawValue: try row.decode(atIndex: 0)) else {
          throw LogFailure(.corrupt, "an entry of a run's history is of an unknown kind")
        }
        return HistoryEntry(
          kind,
          step: try row.decode(atIndex: 1),
          attempt: try row.decode(atIndex: 2),
          began: Timestamp(microseconds: try row.decode(atIndex: 3)),
          ended: Timestamp(microseconds: try row.decode(atIndex: 4)),
          input: try row.decode(Data?.self, atIndex: 5).map { [UInt8]($0) },
          result: try row.decode(Data?.self, atIndex: 6).map { [UInt8]($0) }
        )
      }
    }
  }
}
