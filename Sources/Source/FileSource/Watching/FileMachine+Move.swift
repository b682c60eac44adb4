// SPDX-License-Identifier: Apache-2.0

import EventModel
import EventSources

extension FileMachine {
  /// Carries a folder that was renamed to its new place, with all that is in it.
  mutating func move(
    _ folder: FileTree.Index,
    to key: SettleQueue.Key,
    _ now: Timestamp
  ) throws {
    if let replaced = tree.child(key.folder, key.name), replaced != folder {
      try forget(replaced, isRecovered: false)
    }
    let interest = interest(key.folder, key.name, isDirectory: true)
    guard interest.isEntered || (interest.isReported && tree[folder].isReported) else {
      return try forget(folder, isRecovered: false)
    }
    let reported = tree.subtree(folder).filter { tree[$0].isReported }
    let before = reported.map { tree.path($0) }
    let isTold = tree[folder].isReported && interest.isReported
    tree.move(folder, to: key.folder, key.name)
    if isTold {
      try reportMove(reported, before)
    } else {
      try reportMoves(reported, before, except: folder)
    }
    queue.touch(key, at: now)
    if interest.isEntered { try scan(folder, .live, at: now) }
  }

  /// One event for the folder stands for all in it.
  private func reportMove(_ nodes: [FileTree.Index], _ before: [[UInt8]]) throws {
    var checkpoint = before.map { note($0, nil) }
    checkpoint += nodes.map { note(tree.path($0), tree.facts($0)) }
    try emit(
      .init(
        kind: .moved,
        path: tree.path(nodes[0]),
        facts: tree.facts(nodes[0]),
        from: before[0],
        isRecovered: false
      ),
      checkpoint
    )
  }

  /// The folder itself is not reported, so each file in it is.
  private mutating func reportMoves(
    _ nodes: [FileTree.Index],
    _ before: [[UInt8]],
    except folder: FileTree.Index
  ) throws {
    for (node, from) in zip(nodes, before) {
      let (path, facts) = (tree.path(node), tree.facts(node))
      guard node != folder else {
        tree.setReported(node, false)
        try emit(
          .init(kind: .deleted, path: from, facts: facts, isRecovered: false),
          [note(from, nil)]
        )
        continue
      }
      try emit(
        .init(kind: .moved, path: path, facts: facts, from: from, isRecovered: false),
        [note(from, nil), note(path, facts)]
      )
    }
  }
}
