// SPDX-License-Identifier: Apache-2.0

import EventModel

extension FileMachine {
  private typealias Item = (key: SettleQueue.Key, mark: SettleQueue.Mark, sight: Sight)

  /// Reports what is at rest.
  mutating func settle(at now: Timestamp) throws {
    try checkRoots(at: now)
    let due = queue.due(at: now)
    guard !due.isEmpty else { return }
    if !departures.isEmpty { departures = departures.filter { now - $0.value.instant < .seconds(1) } }
    let items: [Item] = due.compactMap { key, mark in
      guard isValid(key) else { return nil }
      return (key, mark, disk.look(tree.path(key.folder, key.name), followingLinks: false))
    }
    let gone = goneFiles(items)
    // Renamed files first: their old names are then no longer known, so they do not count as deleted.
    for item in items { try reconcileMove(item, gone) }
    for item in items where isValid(item.key) { try reconcile(item, now) }
  }

  /// Known files that are not there any more, by their inode; a rescan has no notification that pairs names.
  private func goneFiles(_ items: [Item]) -> [UInt64: FileTree.Index] {
    var gone: [UInt64: FileTree.Index] = [:]
    for item in items where item.mark.isRecovered && item.sight == .nothing {
      guard let known = tree.child(item.key.folder, item.key.name) else { continue }
      for node in tree.subtree(known) where tree[node].isReported && !tree[node].isDirectory {
        gone[tree[node].inode] = node
      }
    }
    return gone
  }

  private mutating func reconcileMove(_ item: Item, _ gone: [UInt64: FileTree.Index]) throws {
    let key = item.key
    guard let facts = item.sight.facts, !facts.isDirectory, isValid(key) else { return }
    guard tree.child(key.folder, key.name) == nil else { return }
    guard interest(key.folder, key.name, isDirectory: false).isReported else { return }
    guard let source = movedNode(item, facts, gone) else { return }
    let from = tree.path(source)
    tree.move(source, to: key.folder, key.name)
    tree.update(source, facts, isReported: true)
    let path = tree.path(source)
    try emit(
      .init(kind: .moved, path: path, facts: facts, from: from, isRecovered: item.mark.isRecovered),
      [note(from, nil), note(path, facts)]
    )
  }

  /// The node that lives on under a new name, if the old name is free.
  private func movedNode(_ item: Item, _ facts: FileFacts, _ gone: [UInt64: FileTree.Index])
    -> FileTree.Index?
  {
    if let origin = item.mark.origin {
      guard isValid(origin), let node = tree.child(origin.folder, origin.name), tree[node].isReported else {
        return nil
      }
      let sight = disk.look(tree.path(node), followingLinks: false)
      return sight == .nothing && !tree[node].isDirectory ? node : nil
    }
    guard item.mark.isRecovered, let node = gone[facts.inode], tree[node].isReported else { return nil }
    guard tree.facts(node).isSame(as: facts) else { return nil }
    return disk.look(tree.path(node), followingLinks: false) == .nothing ? node : nil
  }

  private mutating func reconcile(_ item: Item, _ now: Timestamp) throws {
    let known = tree.child(item.key.folder, item.key.name)
    switch item.sight {
    case .unknown: break
    case .nothing: if let known { try forget(known, isRecovered: item.mark.isRecovered) }
    case .found(let facts): try reconcile(item, facts, known, now)
    }
  }

  private mutating func reconcile(
    _ item: Item,
    _ facts: FileFacts,
    _ node: FileTree.Index?,
    _ now: Timestamp
  ) throws {
    var known = node
    let (key, isRecovered) = (item.key, item.mark.isRecovered)
    if let node = known, tree[node].isDirectory != facts.isDirectory {
      try forget(node, isRecovered: isRecovered)
      known = nil
    }
    let interest = interest(key.folder, key.name, isDirectory: facts.isDirectory)
    if interest.isEntered, known == nil {
      known = try enteredNode(key.folder, key.name, facts)
      if let known { try scan(known, isRecovered ? .recovered : .live, at: now) }
    }
    guard interest.isReported else {
      if let known, !interest.isEntered { try drop(known) }
      return
    }
    let isKnown = known.map { tree[$0].isReported } ?? false
    if isKnown, let known, tree.facts(known).isSame(as: facts) { return }
    if item.mark.isAfterthought, let known, isKnown, tree.facts(known).size == facts.size,
      tree[known].inode == facts.inode
    {
      tree.update(known, facts, isReported: true)
      return try emit(nil, [note(tree.path(known), facts)])
    }
    if let known {
      tree.update(known, facts, isReported: true)
    } else {
      _ = tree.add(key.name, to: key.folder, facts, isReported: true)
    }
    let path = tree.path(key.folder, key.name)
    try emit(
      .init(kind: isKnown ? .modified : .created, path: path, facts: facts, isRecovered: isRecovered),
      [note(path, facts)]
    )
    // Reported before its time: what its writer does to it now still belongs to that.
    if item.mark.isEarly { queue.lookAgain(key, at: now) }
  }

  /// Takes a node and all below it out, and reports what is thereby deleted, the innermost first.
  mutating func forget(_ top: FileTree.Index, isRecovered: Bool) throws {
    for node in tree.subtree(top).reversed() {
      if tree[node].isReported {
        let path = tree.path(node)
        try emit(
          .init(kind: .deleted, path: path, facts: tree.facts(node), isRecovered: isRecovered),
          [note(path, nil)]
        )
      }
      release(node)
      tree.remove(node)
    }
  }

  /// Takes a node and all below it out without an event, since it is still there but of no interest.
  mutating func drop(_ top: FileTree.Index) throws {
    for node in tree.subtree(top).reversed() {
      if tree[node].isReported { try emit(nil, [note(tree.path(node), nil)]) }
      release(node)
      tree.remove(node)
    }
  }
}
