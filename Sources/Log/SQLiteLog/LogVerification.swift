// SPDX-License-Identifier: Apache-2.0

public import DurableLog
public import EventModel
import Foundation
import GRDB

/// What a check of the whole log found.
public struct LogVerification: Sendable, Hashable {
  /// How many events were checked.
  public var events: Int64 = 0
  /// The first position at which the log is not what was written, and why; nil when all is well.
  public var damage: Damage?

  /// A place where the log is not what was written.
  public struct Damage: Sendable, Hashable {
    /// The position of the first event that is missing, changed or too many.
    public let position: LogPosition
    /// What is wrong there.
    public let reason: String
  }

  /// Walks the chain of checksums of the log at `path` from the first event to the last.
  ///
  /// Reads only, and may run beside a host: it checks the events that were committed when it began. Calls
  /// `progress` with the number of events checked so far, now and then.
  public init(path: String, progress: (Int64) -> Void = { _ in }) throws(LogFailure) {
    do {
      try WriteAheadLog.checkUnlessOpen(path)
      let reader = try LogReader(path: path)
      defer { reader.close() }
      try reader.read { database in try check(database, progress) }
    } catch {
      throw LogFailure(error)
    }
  }

  private mutating func check(_ database: Database, _ progress: (Int64) -> Void) throws {
    if let flaw = try String.fetchOne(database, sql: "PRAGMA quick_check(1)"), flaw != "ok" {
      throw LogFailure(.corrupt, "the database file is damaged: \(flaw)")
    }
    let origin = try LogOrigin.read(database)
    guard try checkKept(database, before: origin.position) else { return }
    var checksum = origin.checksum
    var last = origin.position
    let rows = try Row.fetchCursor(
      database,
      sql: "SELECT position, recorded, body, checksum FROM event WHERE position > ? ORDER BY position",
      arguments: [last]
    )
    while let row = try rows.next() {
      let expected = last + 1
      guard try row.decode(Int64.self, atIndex: 0) == expected else {
        damage = Damage(position: LogPosition(rawValue: expected), reason: "the event is missing")
        return
      }
      let recorded: Int64 = try row.decode(atIndex: 1)
      try row.withUnsafeData(atIndex: 2) { body in
        (body ?? Data()).withUnsafeBytes {
          checksum.advance(position: expected, recorded: recorded, body: $0)
        }
      }
      guard checksum.bytes == [UInt8](try row.decode(Data.self, atIndex: 3)) else {
        damage = Damage(
          position: LogPosition(rawValue: expected),
          reason: "the event or its checksum was changed"
        )
        return
      }
      last = expected
      events += 1
      if events % 65_536 == 0 { progress(events) }
    }
    try checkHead(database, LogHead(position: last, checksum: checksum))
  }

  /// Checks the events that were kept when those around them were forgotten.
  private mutating func checkKept(_ database: Database, before origin: Int64) throws -> Bool {
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT position, recorded, body, checksum, before FROM kept LEFT JOIN event USING (position)
        UNION SELECT position, recorded, body, checksum, NULL FROM event
        WHERE position <= ? AND position NOT IN (SELECT position FROM kept)
        ORDER BY position
        """,
      arguments: [origin]
    )
    while let row = try rows.next() {
      let position: Int64 = try row.decode(atIndex: 0)
      guard let recorded = try row.decode(Int64?.self, atIndex: 1),
        let before = try row.decode(Data?.self, atIndex: 4)
      else {
        let reason =
          try row.decode(Data?.self, atIndex: 4) == nil
          ? "the event was forgotten and is there" : "the event is missing"
        damage = Damage(position: LogPosition(rawValue: position), reason: reason)
        return false
      }
      var checksum = try ChainedChecksum(stored: before)
      try row.decode(Data.self, atIndex: 2).withUnsafeBytes {
        checksum.advance(position: position, recorded: recorded, body: $0)
      }
      guard checksum.bytes == [UInt8](try row.decode(Data.self, atIndex: 3)) else {
        damage = Damage(
          position: LogPosition(rawValue: position),
          reason: "the event or its checksum was changed"
        )
        return false
      }
      events += 1
    }
    return true
  }

  private mutating func checkHead(_ database: Database, _ last: LogHead) throws {
    let head = try Data.fetchOne(database, sql: "SELECT value FROM meta WHERE key = 'head'")
    guard head.map({ [UInt8]($0) == last.bytes }) ?? (last.position == 0) else {
      damage = Damage(
        position: LogPosition(rawValue: last.position + 1),
        reason: "the newest events of the log are missing"
      )
      return
    }
  }
}
