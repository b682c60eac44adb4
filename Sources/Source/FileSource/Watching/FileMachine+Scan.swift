// SPDX-License-Identifier: Apache-2.0

import EventModel

extension FileMachine {
  /// Watches a folder and all below it and compares them with the snapshot.
  ///
  /// The watch comes before the listing: what happens in between is seen twice, which does no harm.
  mutating func scan(_ top: FileTree.Index, _ mode: ScanMode, at now: Timestamp) throws {
    var open = [top]
    while let folder = open.popLast() {
      let path = tree.path(folder)
      try watch(folder, path)
      _ = readIgnoreFiles(folder, path)
      guard let entries = entries(of: folder, path) else { continue }
      var missing = Set(tree.children(folder))
      for entry in entries {
        let known = tree.child(folder, entry.name)
        if let known { missing.remove(known) }
        if let below = try compare(folder, entry, known, mode, now) { open.append(below) }
      }
      for child in missing { touch(folder, Array(tree.name(child)), mode, now) }
    }
  }

  /// Looks again at one folder without those below it.
  mutating func glance(_ folder: FileTree.Index, _ mode: ScanMode, at now: Timestamp) throws {
    guard let entries = entries(of: folder, tree.path(folder)) else { return }
    if tree[folder].watch >= 0 { polled.remove(folder) }
    var missing = Set(tree.children(folder))
    for entry in entries {
      let known = tree.child(folder, entry.name)
      if let known { missing.remove(known) }
      if let below = try compare(folder, entry, known, mode, now), known == nil {
        try scan(below, mode, at: now)
      }
    }
    for child in missing { touch(folder, Array(tree.name(child)), mode, now) }
  }

  /// What is in a folder; when that cannot be said now, it is looked at again from time to time.
  private mutating func entries(of folder: FileTree.Index, _ path: [UInt8]) -> [(
    name: [UInt8], facts: FileFacts
  )]? {
    switch disk.list(path) {
    case .entries(let entries): return entries
    case .nothing: return nil
    case .unknown:
      polled.insert(folder)
      return nil
    }
  }

  /// Compares one entry of a listing with the snapshot; gives the node to go on with if it is a folder.
  private mutating func compare(
    _ folder: FileTree.Index,
    _ entry: (name: [UInt8], facts: FileFacts),
    _ known: FileTree.Index?,
    _ mode: ScanMode,
    _ now: Timestamp
  ) throws -> FileTree.Index? {
    let interest = interest(folder, entry.name, isDirectory: entry.facts.isDirectory)
    let isKnown = known.map { tree[$0].isReported } ?? false
    if known != nil, interest == Interest() {
      touch(folder, entry.name, mode, now)
    } else if isKnown || interest.isReported {
      let isSame = known.map { isKnown && interest.isReported && tree.facts($0).isSame(as: entry.facts) }
      if isSame != true {
        if mode == .quiet, !isKnown {
          try adopt(folder, entry.name, entry.facts)
        } else {
          touch(folder, entry.name, mode, now)
        }
      }
    }
    guard interest.isEntered else { return nil }
    return try enteredNode(folder, entry.name, entry.facts)
  }

  private mutating func touch(
    _ folder: FileTree.Index,
    _ name: [UInt8],
    _ mode: ScanMode,
    _ now: Timestamp
  ) {
    queue.touch(key(folder, name), at: now, isRecovered: mode != .live)
  }

  /// Takes a path into the snapshot without an event.
  private mutating func adopt(_ folder: FileTree.Index, _ name: [UInt8], _ facts: FileFacts) throws {
    if let known = tree.child(folder, name) {
      tree.update(known, facts, isReported: true)
    } else {
      _ = tree.add(name, to: folder, facts, isReported: true)
    }
    try emit(nil, [note(tree.path(folder, name), facts)])
  }

  /// The node of a folder that is to be watched; a file that was known there is gone.
  mutating func enteredNode(_ folder: FileTree.Index, _ name: [UInt8], _ facts: FileFacts) throws
    -> FileTree.Index
  {
    guard let known = tree.child(folder, name) else {
      return tree.add(name, to: folder, facts, isReported: false)
    }
    if !tree[known].isDirectory {
      try forget(known, isRecovered: false)
      return tree.add(name, to: folder, facts, isReported: false)
    }
    tree.update(known, facts, isReported: tree[known].isReported)
    return known
  }

  /// Watches one folder.
  mutating func watch(_ folder: FileTree.Index, _ path: [UInt8]) throws {
    let facts = disk.look(path, followingLinks: tree[folder].parent == 0).facts
    switch facts.map({ disk.watch(path, device: $0.device) }) ?? .gone {
    case .watching(let watch):
      if tree[folder].parent == 0, let facts { tree.update(folder, facts, isReported: false) }
      let before = tree[folder].watch
      if before >= 0, before != watch, watches[before] == folder { watches[before] = nil }
      watches[watch] = folder
      tree.setWatch(folder, watch)
      polled.remove(folder)
    case .mustPoll: polled.insert(folder)
    case .gone: break
    }
  }

  /// Ends what is kept for a folder besides its node.
  mutating func release(_ folder: FileTree.Index) {
    let watch = tree[folder].watch
    // After lost notifications the watch may already serve the folder under its new name.
    if watch >= 0, watches[watch] == folder {
      watches[watch] = nil
      disk.unwatch(watch)
    }
    polled.remove(folder)
    doubtful.remove(folder)
    ignoreFiles[folder] = nil
  }
}
