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
  var names: NameIDs
  /// Whether its first attempt has begun.
  var isRunning: Bool

  var state: RunState { isRunning ? .running : .pending }

  /// Whether a new run can be kept in this way.
  static func canKeep(_ run: Run, isLate: Bool) -> Bool {
    run.isUsual && !isLate && (run.state == .running || run.state == .pending)
  }
}

/// The stored form of fresh runs, and of lists of numbers of runs.
///
/// Six numbers for each run, as differences from those of the run before, and in the lowest bit of the first whether it
/// has begun, as `VariableInteger`. Where a rule makes run after run, that is six bytes.
enum FreshCoding {
  private static let start = FreshRun(
    id: 0,
    position: 0,
    updated: 0,
    names: NameIDs(rule: 0, revision: 0, listener: 0),
    isRunning: false
  )

  static func append(_ runs: [FreshRun], to bytes: inout [UInt8]) {
    var last = start
    for run in runs {
      VariableInteger.append((run.id &- last.id) << 1 | (run.isRunning ? 1 : 0), to: &bytes)
      VariableInteger.append(run.position &- last.position, to: &bytes)
      VariableInteger.append(run.updated &- last.updated, to: &bytes)
      VariableInteger.append(run.names.rule &- last.names.rule, to: &bytes)
      VariableInteger.append(run.names.revision &- last.names.revision, to: &bytes)
      VariableInteger.append(run.names.listener &- last.names.listener, to: &bytes)
      last = run
    }
  }

  static func append(_ ids: [Int64], to bytes: inout [UInt8]) {
    var last: Int64 = 0
    for id in ids {
      VariableInteger.append(id &- last, to: &bytes)
      last = id
    }
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
      last.names.rule &+= try value(bytes, &place)
      last.names.revision &+= try value(bytes, &place)
      last.names.listener &+= try value(bytes, &place)
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
    guard let value = VariableInteger.read(bytes, at: &place) else {
      throw LogFailure(.corrupt, "the newest runs cannot be read")
    }
    return value
  }
}
