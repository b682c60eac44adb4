// SPDX-License-Identifier: Apache-2.0

import EventModel

/// A disk of which is known what is surely on it and what may be.
///
/// What was written to a file before it was last synced is on disk. Of later changes to it any may be there, in any order,
/// each only in some of its sectors. Names are kept in order, as file systems with a journal do, and are on disk when a
/// journal or write-ahead log is synced for the first time after it was opened, or when a lasting deletion returns: then
/// SQLite syncs the folder.
struct UncertainDisk {
  private struct File {
    var synced: [UInt8] = []
    var pending: [FileChange] = []
    var isFolderSynced = false
  }

  private enum NameChange {
    case link(String, Int)
    case unlink(String)
  }

  private var files: [File] = []
  /// The names as the log sees them.
  private var names: [String: Int] = [:]
  /// The names that are surely on disk, and what may be done to them.
  private var syncedNames: [String: Int] = [:]
  private var pendingNames: [NameChange] = []
  /// Which files the disk syncs only in appearance.
  private let pretends: @Sendable (String) -> Bool

  init(_ start: [String: [UInt8]], pretends: @escaping @Sendable (String) -> Bool = { _ in false }) {
    self.pretends = pretends
    for (name, bytes) in start.sorted(by: { $0.key < $1.key }) {
      names[name] = files.count
      files.append(File(synced: bytes))
    }
    syncedNames = names
  }

  mutating func apply(_ step: Recording.Step) {
    switch step {
    case .create(let name):
      pendingNames.append(.link(name, files.count))
      names[name] = files.count
      files.append(File())
    case .write(let name, let offset, let bytes): change(name, .write(offset: offset, bytes: bytes))
    case .truncate(let name, let size): change(name, .truncate(size: size))
    case .sync(let name): sync(name)
    case .delete(let name, let isLasting):
      guard names.removeValue(forKey: name) != nil else { return }
      pendingNames.append(.unlink(name))
      if isLasting { syncNames() }
    case .acknowledged: break
    }
  }

  private mutating func change(_ name: String, _ change: FileChange) {
    guard let file = names[name] else { preconditionFailure("'\(name)' was not created") }
    files[file].pending.append(change)
  }

  private mutating func sync(_ name: String) {
    guard let file = names[name], !pretends(name) else { return }
    for change in files[file].pending { change.apply(to: &files[file].synced) }
    files[file].pending = []
    if !files[file].isFolderSynced, name.hasSuffix("-wal") || name.hasSuffix("-journal") {
      files[file].isFolderSynced = true
      syncNames()
    }
  }

  private mutating func syncNames() {
    syncedNames = names
    pendingNames = []
  }

  /// The files as the log sees them.
  var seen: [String: [UInt8]] {
    names.mapValues { file in
      var bytes = files[file].synced
      for change in files[file].pending { change.apply(to: &bytes) }
      return bytes
    }
  }

  /// The files as they may be when the power fails now.
  func afterPowerCut(_ random: inout SeededRandom) -> [String: [UInt8]] {
    var found = syncedNames
    for change in pendingNames.prefix(Int.random(in: 0...pendingNames.count, using: &random)) {
      switch change {
      case .link(let name, let file): found[name] = file
      case .unlink(let name): found[name] = nil
      }
    }
    let cut = PowerCut(&random)
    var result: [String: [UInt8]] = [:]
    for (name, file) in found.sorted(by: { $0.key < $1.key }) {
      var bytes = files[file].synced
      cut.apply(files[file].pending, to: &bytes, &random)
      result[name] = bytes
    }
    return result
  }
}
