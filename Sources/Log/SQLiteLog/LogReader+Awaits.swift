// SPDX-License-Identifier: Apache-2.0

public import DurableLog
import GRDB

// The requirements are documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension LogReader {
  public func awaitedSites() throws(LogFailure) -> [AwaitedSite] {
    try read { database in
      let rows = try Row.fetchAll(
        database,
        sql: """
          SELECT CAST(site.text AS TEXT), CAST(rule.text AS TEXT), CAST(revision.text AS TEXT)
          FROM (
            SELECT DISTINCT awaiting.site, run.rule, run.revision FROM awaiting JOIN run ON run.id = awaiting.run
          ) AS found
          JOIN name AS site ON site.id = found.site
          JOIN name AS rule ON rule.id = found.rule
          JOIN name AS revision ON revision.id = found.revision
          ORDER BY 1, 2, 3
          """
      )
      return try rows.map { row in
        AwaitedSite(
          site: try row.decode(atIndex: 0),
          rule: try row.decode(atIndex: 1),
          revision: try row.decode(atIndex: 2)
        )
      }
    }
  }

  public func isAwaiting(_ run: RunID) throws(LogFailure) -> Bool {
    try read { database in
      try Bool.fetchOne(
        database,
        sql: "SELECT EXISTS (SELECT 1 FROM awaiting WHERE run = ?)",
        arguments: [run.rawValue]
      ) ?? false
    }
  }
}
