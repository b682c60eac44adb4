// SPDX-License-Identifier: Apache-2.0

import EventModel

extension FileMachine {
  /// How long the second half of a renaming may be late.
  private static let pairing = Duration.milliseconds(5)

  /// Takes in one notification.
  mutating func take(_ event: RawEvent, at now: Timestamp) throws {
    if event.kind == .overflow {
      try sink.takeOverflow()
      return try recover(at: now)
    }
    guard let folder = watches[event.watch] else { return }
    switch event.kind {
    case .ignored:
      watches[event.watch] = nil
      if tree[folder].watch == event.watch { tree.setWatch(folder, -1) }
      if tree[folder].parent == 0 { doubtful.insert(folder) }
    case .folderLost: if tree[folder].parent == 0 { doubtful.insert(folder) }
    default:
      guard !event.name.isEmpty, root(of: folder)?.names?.contains(event.name) ?? true else { return }
      try take(event, in: folder, key(folder, event.name), now)
    }
  }

  private mutating func take(
    _ event: RawEvent,
    in folder: FileTree.Index,
    _ key: SettleQueue.Key,
    _ now: Timestamp
  ) throws {
    switch event.kind {
    case .created: try takeCreation(event, key, now)
    case .movedFrom: takeDeparture(event, key, now)
    case .movedTo: try takeArrival(event, key, now)
    case .closed:
      let wasCreated = queue.marks[key]?.isOpen == true
      queue.touch(key, at: now) { $0.isOpen = false }
      if wasCreated { hasten(key) }
      if event.name.first == 0x23 { closeNameless(folder, key.name, now) }
    default:
      queue.touch(key, at: now) {
        $0.isOpen = false
        $0.origin = nil
      }
    }
    if IgnoreFile.names.contains(event.name) { try rereadIgnoreFiles(folder, now) }
  }

  private mutating func takeCreation(_ event: RawEvent, _ key: SettleQueue.Key, _ now: Timestamp) throws {
    let facts = disk.look(tree.path(key.folder, key.name), followingLinks: false).facts
    // A file with one name has just been made by its writer, who will close it; a link is there at once.
    queue.touch(key, at: now) { $0.isOpen = facts?.isPlain ?? false }
    if event.isDirectory { try enter(key, now) }
  }

  private mutating func takeDeparture(_ event: RawEvent, _ key: SettleQueue.Key, _ now: Timestamp) {
    let known = tree.child(key.folder, key.name)
    let isKnownFile = known.map { tree[$0].isReported && !tree[$0].isDirectory } ?? false
    departures[event.cookie] = Departure(
      key: key,
      origin: queue.marks[key]?.origin ?? (isKnownFile ? key : nil),
      folder: known.flatMap { tree[$0].isDirectory ? $0 : nil },
      instant: now
    )
    queue.touch(key, at: now, atLeast: Self.pairing) {
      $0.isOpen = false
      $0.origin = nil
    }
  }

  private mutating func takeArrival(_ event: RawEvent, _ key: SettleQueue.Key, _ now: Timestamp) throws {
    let departure = departures.removeValue(forKey: event.cookie).flatMap { isValid($0.key) ? $0 : nil }
    if let departure, let folder = departure.folder, event.isDirectory,
      tree.child(departure.key.folder, departure.key.name) == folder,
      // A scan that ran ahead of the notifications may have put the new parent below the folder itself.
      !tree.isInside(key.folder, folder)
    {
      return try move(folder, to: key, now)
    }
    queue.touch(key, at: now, atLeast: Self.pairing) {
      $0.isOpen = false
      $0.origin = departure?.origin == key ? nil : departure?.origin
    }
    if departure == nil, !event.isDirectory { hasten(key) }
    // All names of one file come to rest together, so that they are looked at together.
    for other in [departure?.key, departure?.origin] {
      if let other, other != key, isValid(other) { queue.touch(other, at: now, atLeast: Self.pairing) }
    }
    if event.isDirectory { try enter(key, now) }
  }

  /// Reports a file at once that was written and closed, or came from elsewhere, under a name that was free.
  ///
  /// What could still become something else has to come to rest: a file that replaces another one, an empty file, one
  /// whose name looks made up, and one beside which other names come and go.
  private mutating func hasten(_ key: SettleQueue.Key) {
    guard queue.marks[key]?.origin == nil, queue.isAlone(key), tree.child(key.folder, key.name) == nil,
      !WorkingName.isLikely(key.name), !isNamedAfterAnother(key),
      let facts = disk.look(tree.path(key.folder, key.name), followingLinks: false).facts,
      facts.isPlain, facts.size > 0
    else { return }
    queue.complete(key)
  }

  /// Whether a name is that of a file beside it with one more ending.
  private func isNamedAfterAnother(_ key: SettleQueue.Key) -> Bool {
    guard let dot = key.name.lastIndex(of: UInt8(ascii: ".")) else { return false }
    return tree.child(key.folder, key.name[..<dot]) != nil
  }

  /// Watches a folder that has just appeared.
  private mutating func enter(_ key: SettleQueue.Key, _ now: Timestamp) throws {
    guard interest(key.folder, key.name, isDirectory: true).isEntered else { return }
    let path = tree.path(key.folder, key.name)
    guard let facts = disk.look(path, followingLinks: false).facts, facts.isDirectory else { return }
    try scan(try enteredNode(key.folder, key.name, facts), .live, at: now)
  }

  /// A file made without a name and linked in later is closed under a made-up name, `#` and a number.
  private mutating func closeNameless(_ folder: FileTree.Index, _ name: [UInt8], _ now: Timestamp) {
    guard name.dropFirst().allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return }
    for other in queue.marks.keys where other.folder == folder && queue.marks[other]?.isOpen == true {
      queue.touch(other, at: now) { $0.isOpen = false }
    }
  }

  private mutating func rereadIgnoreFiles(_ folder: FileTree.Index, _ now: Timestamp) throws {
    guard readIgnoreFiles(folder, tree.path(folder)) else { return }
    try scan(folder, .live, at: now)
  }

  /// Looks at everything after notifications were lost.
  mutating func recover(at now: Timestamp) throws {
    departures.removeAll()
    queue.release(at: now)
    for root in roots {
      doubtful.insert(root.node)
      try scan(root.node, .recovered, at: now)
    }
  }
}
