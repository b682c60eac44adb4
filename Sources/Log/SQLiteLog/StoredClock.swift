// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import GRDB

/// The times of the newest transaction, from which steady time goes on after a restart.
struct StoredClock {
  let reading: SteadyClock.Reading

  init(_ reading: SteadyClock.Reading) { self.reading = reading }

  /// Reads what was stored; nil in a new log.
  init?(_ database: Database) throws {
    guard let stored = try Data.fetchOne(database, sql: "SELECT value FROM meta WHERE key = 'clock'"),
      stored.count == 16
    else { return nil }
    let times = [UInt8](stored).withUnsafeBytes { bytes in
      (bytes.loadUnaligned(as: Int64.self), bytes.loadUnaligned(fromByteOffset: 8, as: Int64.self))
    }
    reading = SteadyClock.Reading(
      steady: Timestamp(microseconds: Int64(littleEndian: times.0)),
      civil: Timestamp(microseconds: Int64(littleEndian: times.1))
    )
  }

  /// The stored form: steady and civil time in microseconds, each in eight bytes, little-endian.
  var bytes: [UInt8] {
    withUnsafeBytes(
      of: (reading.steady.microseconds.littleEndian, reading.civil.microseconds.littleEndian)
    ) { Array($0) }
  }
}
