// SPDX-License-Identifier: Apache-2.0

public import DurableLog
public import EventModel
import Foundation
import GRDB

/// What a check of the whole log found.
public struct LogVerification: Sendable, Hashable {
  /// How many events were checked.
  public var events: Int64 = 0
  /// How many of them are erased: proved to be what stands in the place of what was written.
  public var erased: Int64 = 0
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
    var proof = try ErasureProof(database)
    guard try checkKept(database, before: origin.position, &proof),
      let last = try checkRest(database, from: origin, &proof, progress)
    else { return }
    damage = try proof.checkRest()
    if damage == nil { try checkHead(database, last) }
  }

  /// Checks the events behind the origin, and gives the last one; nil when there is damage.
  private mutating func checkRest(
    _ database: Database,
    from origin: LogHead,
    _ proof: inout ErasureProof,
    _ progress: (Int64) -> Void
  ) throws -> LogHead? {
    let gaps = LogGaps(database)
    var gapsFound: Int64 = 0
    var (last, checksum) = (origin.position, origin.checksum)
    let rows = try Row.fetchCursor(
      database,
      sql:
        "SELECT \(Self.columns) FROM event LEFT JOIN erased USING (position) WHERE position > ? ORDER BY position",
      arguments: [last]
    )
    while let row = try rows.next() {
      let position: Int64 = try row.decode(atIndex: 0)
      var expected = last + 1
      if position != expected, let gap = try gaps.gap(beginningAt: expected) {
        (expected, checksum, gapsFound) = (gap.head.position + 1, gap.head.checksum, gapsFound + 1)
      }
      guard position == expected else {
        damage = Damage(position: LogPosition(rawValue: expected), reason: "the event is missing")
        return nil
      }
      guard let next = try checkEvent(row, after: checksum, &proof) else { return nil }
      (last, checksum) = (expected, next)
      if events % 65_536 == 0 { progress(events) }
    }
    if let gap = try gaps.first, try gaps.count != gapsFound {
      let reason = "the event was forgotten and is there"
      damage = Damage(position: LogPosition(rawValue: gap.first), reason: reason)
      return nil
    }
    return LogHead(position: last, checksum: checksum)
  }

  private static let columns =
    "position, recorded, body, checksum, event.salt, event.type, erased.sum"

  /// Checks an event, and gives its checksum; nil when it is damaged.
  private mutating func checkEvent(
    _ row: Row,
    after before: ChainedChecksum,
    _ proof: inout ErasureProof
  ) throws -> ChainedChecksum? {
    let (position, recorded): (Int64, Int64) = (try row.decode(atIndex: 0), try row.decode(atIndex: 1))
    let stored = try ChainedChecksum(stored: row.decode(Data.self, atIndex: 3))
    events += 1
    return try row.withUnsafeData(atIndex: 2) { body in
      let body = body ?? Data()
      if let sum = try row.decode(Data?.self, atIndex: 6) {
        // That its checksum is right is proved by the one of the next event.
        erased += 1
        if TombstoneSum(stored: sum) == TombstoneSum(position: position, recorded: recorded, body: body) {
          return stored
        }
      } else {
        var checksum = before
        let salt = try row.decode(Data?.self, atIndex: 4) ?? Data()
        salt.withUnsafeBytes { salt in
          body.withUnsafeBytes {
            checksum.advance(position: position, recorded: recorded, salt: salt, body: $0)
          }
        }
        if checksum == stored {
          let type: Int64 = try row.decode(atIndex: 5)
          damage = try proof.check(position, type: type, body: body, after: before)
          return damage == nil ? stored : nil
        }
      }
      events -= 1
      damage = Damage(
        position: LogPosition(rawValue: position),
        reason: "the event or its checksum was changed"
      )
      return nil
    }
  }

  /// Checks the events that were kept when those around them were forgotten.
  private mutating func checkKept(_ database: Database, before origin: Int64, _ proof: inout ErasureProof)
    throws -> Bool
  {
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT \(Self.columns), before FROM kept LEFT JOIN event USING (position) LEFT JOIN erased USING (position)
        UNION SELECT \(Self.columns), NULL FROM event LEFT JOIN erased USING (position)
        WHERE position <= ? AND position NOT IN (SELECT position FROM kept)
        ORDER BY position
        """,
      arguments: [origin]
    )
    while let row = try rows.next() {
      let position: Int64 = try row.decode(atIndex: 0)
      guard try row.decode(Int64?.self, atIndex: 1) != nil,
        let before = try row.decode(Data?.self, atIndex: 7)
      else {
        let reason =
          try row.decode(Data?.self, atIndex: 7) == nil
          ? "the event was forgotten and is there" : "the event is missing"
        damage = Damage(position: LogPosition(rawValue: position), reason: reason)
        return false
      }
      guard try checkEvent(row, after: ChainedChecksum(stored: before), &proof) != nil else { return false }
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
