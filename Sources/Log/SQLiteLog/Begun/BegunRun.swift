// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel

/// A run that began when it was made, and of which nothing else has happened yet.
///
/// Most runs begin at once and end soon. Such a run gets a row of its own only when it ends or anything else happens to
/// it, so the usual run is written once; until then, all that began in a transaction are one row of `begun`. It reacts
/// to one event, which is not older than that of any run before it, and waits for nobody. Names are ids of `name`.
struct BegunRun: Hashable {
  var id: Int64
  var position: Int64
  var updated: Int64
  var rule: Int64
  var revision: Int64
  var listener: Int64

  /// Whether a run can be kept in this way.
  static func canKeep(_ run: Run, isLate: Bool) -> Bool {
    run.state == .running && !isLate && run.inputs.isEmpty && run.gate == nil && run.turn == nil
      && run.failure == nil
  }
}

/// The stored form of begun runs.
///
/// Six numbers for each, as differences from those of the run before: signed, in LEB128. Where a rule makes run after run,
/// that is six bytes.
enum BegunCoding {
  static func append(_ runs: [BegunRun], to bytes: inout [UInt8]) {
    var last = BegunRun(id: 0, position: 0, updated: 0, rule: 0, revision: 0, listener: 0)
    for run in runs {
      append(run.id &- last.id, to: &bytes)
      append(run.position &- last.position, to: &bytes)
      append(run.updated &- last.updated, to: &bytes)
      append(run.rule &- last.rule, to: &bytes)
      append(run.revision &- last.revision, to: &bytes)
      append(run.listener &- last.listener, to: &bytes)
      last = run
    }
  }

  private static func append(_ value: Int64, to bytes: inout [UInt8]) {
    var rest = UInt64(bitPattern: value << 1 ^ value >> 63)
    while rest > 0x7F {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  static func runs(_ bytes: UnsafeRawBufferPointer) throws -> [BegunRun] {
    var runs: [BegunRun] = []
    var place = 0
    var last = BegunRun(id: 0, position: 0, updated: 0, rule: 0, revision: 0, listener: 0)
    while place < bytes.count {
      last.id &+= try value(bytes, &place)
      last.position &+= try value(bytes, &place)
      last.updated &+= try value(bytes, &place)
      last.rule &+= try value(bytes, &place)
      last.revision &+= try value(bytes, &place)
      last.listener &+= try value(bytes, &place)
      runs.append(last)
    }
    return runs
  }

  private static func value(_ bytes: UnsafeRawBufferPointer, _ place: inout Int) throws -> Int64 {
    var rest: UInt64 = 0
    var shift = 0
    while place < bytes.count, shift < 64 {
      let byte = bytes[place]
      place += 1
      rest |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return Int64(bitPattern: rest >> 1) ^ -Int64(bitPattern: rest & 1) }
      shift += 7
    }
    throw LogFailure(.corrupt, "the runs that have begun cannot be read")
  }
}
