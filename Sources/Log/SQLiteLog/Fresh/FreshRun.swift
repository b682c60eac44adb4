// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel

/// A run that has no row of its own yet.
///
/// Most runs have one step, which succeeds soon. Such a run gets its row when it is done, or when anything but its first
/// attempt happens to it, so the usual run is written once; until then all that were made in a transaction are one row of
/// `fresh`, and all whose first attempt began in a transaction one row of `attempted`. It reacts to one event, which is not
/// older than that of any run before it, and waits for nobody. Names are ids of `name`.
struct FreshRun: Hashable {
  var id: Int64
  var position: Int64
  var updated: Int64
  var rule: Int64
  var revision: Int64
  var listener: Int64
  /// Whether its first attempt has begun.
  var isRunning: Bool

  var state: RunState { isRunning ? .running : .pending }

  /// Whether a new run can be kept in this way.
  static func canKeep(_ run: Run, isLate: Bool) -> Bool {
    (run.state == .running || run.state == .pending) && !isLate && run.inputs.isEmpty && run.gate == nil
      && run.turn == nil && run.failure == nil
  }
}

/// The stored form of fresh runs, and of lists of numbers of runs.
///
/// Six numbers for each run, as differences from those of the run before, and in the lowest bit of the first whether it
/// has begun: signed, in LEB128. Where a rule makes run after run, that is six bytes.
enum FreshCoding {
  private static let start = FreshRun(
    id: 0,
    position: 0,
    updated: 0,
    rule: 0,
    revision: 0,
    listener: 0,
    isRunning: false
  )

  static func append(_ runs: [FreshRun], to bytes: inout [UInt8]) {
    var last = start
    for run in runs {
      append((run.id &- last.id) << 1 | (run.isRunning ? 1 : 0), to: &bytes)
      append(run.position &- last.position, to: &bytes)
      append(run.updated &- last.updated, to: &bytes)
      append(run.rule &- last.rule, to: &bytes)
      append(run.revision &- last.revision, to: &bytes)
      append(run.listener &- last.listener, to: &bytes)
      last = run
    }
  }

  static func append(_ ids: [Int64], to bytes: inout [UInt8]) {
    var last: Int64 = 0
    for id in ids {
      append(id &- last, to: &bytes)
      last = id
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

  static func runs(_ bytes: UnsafeRawBufferPointer) throws -> [FreshRun] {
    var runs: [FreshRun] = []
    var place = 0
    var last = start
    while place < bytes.count {
      let first = try value(bytes, &place)
      last.id &+= first >> 1
      last.isRunning = first & 1 == 1
      last.position &+= try value(bytes, &place)
      last.updated &+= try value(bytes, &place)
      last.rule &+= try value(bytes, &place)
      last.revision &+= try value(bytes, &place)
      last.listener &+= try value(bytes, &place)
      runs.append(last)
    }
    return runs
  }

  static func ids(_ bytes: UnsafeRawBufferPointer) throws -> [Int64] {
    var ids: [Int64] = []
    var place = 0
    var last: Int64 = 0
    while place < bytes.count {
      last &+= try value(bytes, &place)
      ids.append(last)
    }
    return ids
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
    throw LogFailure(.corrupt, "the newest runs cannot be read")
  }
}
