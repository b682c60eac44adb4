// SPDX-License-Identifier: Apache-2.0

import EventModel
import EventSources

/// The watcher without threads and clocks: notifications and instants in, changes out.
///
/// Notifications only mark paths as not at rest; what is reported comes from comparing the snapshot with the
/// disk once a path is at rest. So a notification that comes late, twice or for a path that is gone does no
/// harm, and a rescan is nothing but marking everything that differs. Only folders act at once: they are
/// watched and scanned when they appear, and carry their nodes along when they are renamed.
struct FileMachine {
  /// A path of the options: a folder, or some names in one.
  struct Root {
    let node: FileTree.Index
    /// The names that count, nil for all.
    var names: Set<[UInt8]>?
    var isMissing = false
  }

  /// Where a renamed path came from.
  struct Departure {
    let key: SettleQueue.Key
    let origin: SettleQueue.Key?
    let folder: FileTree.Index?
    let instant: Timestamp
  }

  /// What a scan does with what it finds.
  enum ScanMode {
    /// Reports it as something that happens now.
    case live
    /// Reports it as something that was missed.
    case recovered
    /// Takes what is new into the snapshot without a word.
    case quiet
  }

  let plan: FilePlan
  let disk: any Disk
  let sink: any ChangeSink
  let report: @Sendable (String) -> Void

  var tree = FileTree()
  var queue: SettleQueue
  var roots: [Root] = []
  var watches: [Int32: FileTree.Index] = [:]
  /// Folders that must be looked at from time to time.
  var polled: Set<FileTree.Index> = []
  var ignoreFiles: [FileTree.Index: IgnoreFile] = [:]
  var departures: [UInt32: Departure] = [:]
  /// Roots whose own folder may have been replaced.
  var doubtful: Set<FileTree.Index> = []

  init(
    _ plan: FilePlan,
    disk: any Disk,
    sink: any ChangeSink,
    report: @escaping @Sendable (String) -> Void
  ) {
    self.plan = plan
    self.disk = disk
    self.sink = sink
    self.report = report
    queue = SettleQueue(settle: plan.settle)
  }

  func key(_ folder: FileTree.Index, _ name: some Collection<UInt8>) -> SettleQueue.Key {
    SettleQueue.Key(folder: folder, generation: tree[folder].generation, name: Array(name))
  }

  func isValid(_ key: SettleQueue.Key) -> Bool {
    tree[key.folder].generation == key.generation && tree[key.folder].isDirectory
  }

  func root(of node: FileTree.Index) -> Root? { roots.first { $0.node == node } }

  /// Passes on a change unless its kind is not wanted; the checkpoint changes in any case.
  func emit(_ report: FileChange.Report?, _ checkpoint: [CheckpointChange]) throws {
    let wanted = report.flatMap { plan.kinds.contains($0.kind) ? $0 : nil }
    try sink.take(FileChange(report: wanted, checkpoint: checkpoint))
  }

  func note(_ path: [UInt8], _ facts: FileFacts?) -> CheckpointChange {
    CheckpointChange(key: path, value: facts?.encoded)
  }
}
