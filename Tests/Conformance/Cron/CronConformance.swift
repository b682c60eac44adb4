// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Testing
import TimeZones
import TimerSource

/// Cron vectors under Debian's rules, the ones this product follows.
///
/// Vectors of other policies (robfig/cron, croniter) are out of scope where these differ: they put seconds
/// last, skip or repeat times when the clocks change, or combine the day fields otherwise.
@Suite struct CronConformance {
  @Test(
    .enabled(if: Vectors.exist(for: "cron"), "no vectors: set EARSHOT_CONFORMANCE"),
    arguments: ["debian", "gen"]
  )
  func `fires when Debian's cron does`(file: String) throws {
    var tally = Tally(suite: "cron")
    for vector in try Vectors.load("cron", file + ".json") {
      if vector["error"]?.bool == true {
        let isRefused = (try? CronExpression(vector["expr"]?.string ?? "")) == nil
        tally.count(vector, passed: isRefused, "was accepted: \(vector["expr"]?.string ?? "")")
      } else {
        let (found, expected) = try Self.run(vector)
        tally.count(
          vector,
          passed: found == expected,
          "\(vector["expr"]?.string ?? "") gave \(found), not \(expected)"
        )
      }
    }
    tally.report()
  }

  private static func run(_ vector: JSONView) throws -> (found: [String], expected: [String]) {
    let zone = try #require(ZoneDatabase.zone(named: vector["tz"]?.string ?? "UTC"))
    let schedule = CronSchedule(try CronExpression(vector["expr"]?.string ?? ""), zone: zone)
    var instant = try #require(parse(vector["start"]?.string ?? ""))
    let expected = try vector["next"]?.elements.map { try #require(Self.parse($0.string ?? "")) } ?? []
    let found = expected.map { _ in
      instant = schedule.next(after: instant)
      return instant
    }
    return (found.map(\.rfc3339), expected.map(\.rfc3339))
  }

  private static func parse(_ text: String) -> Timestamp? {
    Timestamp(rfc3339: text) ?? Timestamp(rfc3339: text + "Z")
  }
}
