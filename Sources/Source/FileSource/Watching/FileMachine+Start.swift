// SPDX-License-Identifier: Apache-2.0

import EventModel
import EventSources

extension FileMachine {
  /// The checkpoint entry that tells that a path of the options has been taken in; no path begins like that.
  static func markerKey(_ path: [UInt8]) -> [UInt8] { [0] + path }

  /// Takes in the snapshot of the last run and compares it with the disk; afterwards all watches stand.
  mutating func start(_ checkpoint: any CheckpointReader, at now: Timestamp) throws {
    makeRoots()
    var markers: [[UInt8]: [UInt8]] = [:]
    var stale: [[UInt8]] = []
    try checkpoint.forEach { key, value in
      if key.first == 0 {
        markers[Array(key.dropFirst())] = value
      } else if let facts = FileFacts(encoded: value), load(key, facts) {
        return
      } else {
        stale.append(key)
      }
    }
    for key in stale { try emit(nil, [CheckpointChange(key: key, value: nil)]) }
    for root in roots {
      let path = tree.path(root.node)
      let marker = markers.removeValue(forKey: path)
      try scan(root.node, marker == plan.fingerprint ? .recovered : .quiet, at: now)
      if root.isMissing {
        for child in tree.children(root.node) { try forget(child, isRecovered: true) }
        report("'\(PathText(path).text)' does not exist yet and is awaited")
      }
      guard marker != plan.fingerprint else { continue }
      try emit(nil, [CheckpointChange(key: Self.markerKey(path), value: plan.fingerprint)])
    }
    for path in markers.keys {
      try emit(nil, [CheckpointChange(key: Self.markerKey(path), value: nil)])
    }
  }

  /// Makes a root of each path; a path below another one's folder is covered by that.
  private mutating func makeRoots() {
    var folders: [[UInt8]] = []
    var files: [[UInt8]] = []
    for path in Set(plan.paths.map { Array($0.utf8) }).sorted(by: { $0.count < $1.count }) {
      let facts = disk.look(path, followingLinks: true).facts
      if let facts, !facts.isDirectory { files.append(path) } else { folders.append(path) }
    }
    for path in folders where !isCovered(path) || !plan.isRecursive {
      var root = Root(node: tree.addRoot(path))
      root.isMissing = disk.look(path, followingLinks: true).facts == nil
      roots.append(root)
    }
    for path in files where !isCovered(path) { addFile(path) }
  }

  private func isCovered(_ path: [UInt8]) -> Bool {
    roots.contains { root in
      guard root.names == nil, let rest = Self.rest(path, below: tree.path(root.node)) else { return false }
      return plan.isRecursive || !rest.contains(0x2F)
    }
  }

  /// Watches the folder of a file, and in it the file's name only.
  mutating func addFile(_ path: [UInt8]) {
    let (folder, name) = (Array(PathText.folder(path)), Array(PathText.name(path)))
    if let index = roots.firstIndex(where: { $0.names != nil && tree.path($0.node) == folder }) {
      roots[index].names?.insert(name)
    } else {
      roots.append(Root(node: tree.addRoot(folder), names: [name]))
    }
  }

  /// What follows a folder and its slash in a path.
  static func rest(_ path: [UInt8], below folder: [UInt8]) -> ArraySlice<UInt8>? {
    let prefix = folder.last == 0x2F ? folder : folder + [0x2F]
    return path.count > prefix.count && path.starts(with: prefix) ? path[prefix.count...] : nil
  }

  /// Puts an entry of the checkpoint into the tree; false when it lies below none of the roots.
  private mutating func load(_ path: [UInt8], _ facts: FileFacts) -> Bool {
    for root in roots {
      guard let rest = Self.rest(path, below: tree.path(root.node)) else { continue }
      if let names = root.names, !names.contains(Array(rest)) { continue }
      var folder = root.node
      let parts = rest.split(separator: 0x2F)
      for part in parts.dropLast() {
        let unseen = FileFacts(size: 0, modified: 0, inode: 0, isDirectory: true)
        folder = tree.child(folder, part) ?? tree.add(part, to: folder, unseen, isReported: false)
      }
      guard let name = parts.last, tree[folder].isDirectory else { return false }
      if let node = tree.child(folder, name) {
        tree.update(node, facts, isReported: true)
      } else {
        _ = tree.add(name, to: folder, facts, isReported: true)
      }
      return true
    }
    return false
  }
}
