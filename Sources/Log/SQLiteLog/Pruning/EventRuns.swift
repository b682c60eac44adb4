// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Foundation
import GRDB

/// Finds the runs that react to events, by the order in which runs are made.
///
/// All of these runs must have rows. Those that are made later, of several events or of older ones, are found by the
/// decisions that say so. Here is also said which events must stay for the sake of runs.
struct EventRuns {
  /// The states in which nothing will be done with a run any more.
  static let over = RunState.allCases.filter(\.isOver).map { String($0.rawValue) }.joined(separator: ", ")

  let database: Database

  /// The numbers of the runs that were made while the events of a part were the newest.
  func made(during part: Range<Int64>) throws -> Range<Int64> {
    let first = try LogReader.firstRun(from: LogPosition(rawValue: part.lowerBound), database)
    let end = try LogReader.firstRun(from: LogPosition(rawValue: part.upperBound), database)
    return first..<max(first, end)
  }

  /// The positions of a part that runs which are not over react to, and those of events of streams.
  func needed(_ part: Range<Int64>) throws -> Set<Int64> {
    let runs = try made(during: part)
    return try Set(
      Int64.fetchAll(
        database,
        sql: """
          SELECT position FROM run WHERE id >= ?1 AND id < ?2 AND state NOT IN (\(Self.over))
          UNION ALL
          SELECT decision.position FROM decision JOIN run ON run.id = decision.run
          WHERE decision.position >= ?3 AND decision.position < ?4 AND run.state NOT IN (\(Self.over))
          UNION ALL
          SELECT position FROM stream WHERE position >= ?3 AND position < ?4
          """,
        arguments: [runs.lowerBound, runs.upperBound, part.lowerBound, part.upperBound]
      )
    )
  }

  /// The positions of a part at which there are events of streams, which are never forgotten.
  func inStreams(_ part: Range<Int64>) throws -> Set<Int64> {
    try Set(
      Int64.fetchAll(
        database,
        sql: "SELECT position FROM stream WHERE position >= ? AND position < ?",
        arguments: [part.lowerBound, part.upperBound]
      )
    )
  }

  /// Those of some positions, ascending, that runs which are not over react to; what is close together is asked for at once.
  func needed(_ positions: [Int64]) throws -> Set<Int64> {
    var needed: Set<Int64> = []
    var rest = positions[...]
    while let first = rest.first {
      var end = first
      while let next = rest.first, next - end <= 64 {
        end = next
        rest.removeFirst()
      }
      needed.formUnion(try self.needed(first..<end + 1))
    }
    return needed
  }

  /// The runs that have reacted to an event and are over, without branches.
  func over(of position: Int64) throws -> [(id: Int64, inputs: [LogPosition])] {
    let made = try made(during: position..<position + 1)
    let rows = try Row.fetchAll(
      database.cachedStatement(
        sql: """
          SELECT id, inputs FROM run WHERE parent IS NULL AND state IN (\(Self.over)) AND
            ((id >= ?1 AND id < ?2 AND position = ?3) OR id IN (SELECT run FROM decision WHERE position = ?3))
          """
      ),
      arguments: [made.lowerBound, made.upperBound, position]
    )
    return try rows.map { row in
      let inputs = try row.decode(Data?.self, atIndex: 1) ?? Data()
      return (try row.decode(atIndex: 0), inputs.withUnsafeBytes { PositionList.positions($0) })
    }
  }
}
