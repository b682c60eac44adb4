// SPDX-License-Identifier: Apache-2.0

import EventModel

extension FileMachine {
  /// Whether there is something to look at from time to time.
  var mustPoll: Bool { !polled.isEmpty || roots.contains(where: \.isMissing) }

  /// Looks at what cannot be watched.
  mutating func poll(at now: Timestamp) throws {
    for folder in polled where tree[folder].parent == 0 { doubtful.insert(folder) }
    for root in roots where root.isMissing { doubtful.insert(root.node) }
    try checkRoots(at: now)
    for folder in polled.sorted() where polled.contains(folder) { try glance(folder, .live, at: now) }
  }

  /// Finds out what became of roots whose folder was removed, replaced or awaited.
  mutating func checkRoots(at now: Timestamp) throws {
    guard !doubtful.isEmpty else { return }
    let nodes = doubtful
    doubtful.removeAll()
    for node in nodes.sorted() {
      if let index = roots.firstIndex(where: { $0.node == node }) { try checkRoot(index, now) }
    }
  }

  private mutating func checkRoot(_ index: Int, _ now: Timestamp) throws {
    let node = roots[index].node
    let path = tree.path(node)
    switch disk.look(path, followingLinks: true) {
    case .unknown: break
    case .nothing: try lose(index, path)
    case .found(let facts) where !facts.isDirectory:
      if roots[index].isMissing, roots[index].names == nil { try becomeFile(index, path, now) }
    case .found(let facts):
      guard roots[index].isMissing || tree[node].inode != facts.inode || tree[node].watch < 0 else { return }
      let isPolledAlready = polled.contains(node) && !roots[index].isMissing
      roots[index].isMissing = false
      tree.update(node, facts, isReported: false)
      if !isPolledAlready { try scan(node, .live, at: now) }
    }
  }

  private mutating func lose(_ index: Int, _ path: [UInt8]) throws {
    let node = roots[index].node
    for child in tree.children(node) { try forget(child, isRecovered: false) }
    release(node)
    tree.setWatch(node, -1)
    guard !roots[index].isMissing else { return }
    roots[index].isMissing = true
    report("'\(PathText(path).text)' is gone and is awaited")
  }

  /// An awaited path has turned out to be a file.
  private mutating func becomeFile(_ index: Int, _ path: [UInt8], _ now: Timestamp) throws {
    let node = roots.remove(at: index).node
    release(node)
    tree.remove(node)
    addFile(path)
    let folder = Array(PathText.folder(path))
    guard let root = roots.first(where: { $0.names != nil && tree.path($0.node) == folder }) else { return }
    try scan(root.node, .live, at: now)
  }
}
