// SPDX-License-Identifier: Apache-2.0

import EventModel

/// The paths at which something happened a moment ago, until they are at rest.
///
///     touch ──> waiting ──(at rest for `settle`, or busy for `longest`)──> due
///                  │  ▲
///     being written│  │written, renamed or removed
///                  ▼  │
///                 held ──(complete, and nothing else can be meant)──> due
///
/// What is due is looked at on disk and compared with the snapshot, so a path that came and went in the
/// meantime leaves no trace, and several writes are one change.
struct SettleQueue {
  /// A name in a folder of the tree; it follows the folder when that is renamed.
  struct Key: Hashable, Sendable {
    let folder: FileTree.Index
    let generation: UInt32
    let name: [UInt8]
  }

  /// What is known of a path that is not at rest.
  struct Mark: Sendable {
    var first: Timestamp
    /// Nil while the path is held.
    var deadline: Timestamp?
    /// Whether somebody has made the file and not yet closed it.
    var isOpen = false
    /// Whether only a rescan tells of the path, no notification.
    var isRecovered: Bool
    /// Whether the path has just been reported and is looked at once more, since times are often set after writing.
    var isAfterthought = false
    /// Whether the path did not have to come to rest.
    var isEarly = false
    /// The known path that became this one.
    var origin: Key?
  }

  let settle: Duration
  private(set) var marks: [Key: Mark] = [:]
  /// How many paths of each folder are not at rest.
  private var restless: [FileTree.Index: Int] = [:]
  private var line: [(deadline: Timestamp, key: Key)] = []
  private var head = 0
  /// What is due at once.
  private var complete: [Key] = []

  init(settle: Duration) { self.settle = settle }

  /// The longest time for which changes of one path are merged.
  private var longest: Duration { max(settle * 20, .milliseconds(100)) }
  /// How long an older name of a file waits for the newer file under the original name to be closed.
  private var patience: Duration { max(settle * 200, .seconds(2)) }

  /// When something may become due.
  var nextDeadline: Timestamp? { head < line.count ? line[head].deadline : nil }

  /// Notes that something happened at a path; `atLeast` lengthens a short settle time.
  mutating func touch(
    _ key: Key,
    at now: Timestamp,
    isRecovered: Bool = false,
    atLeast: Duration = .zero,
    _ change: (inout Mark) -> Void = { _ in }
  ) {
    var mark = marks[key] ?? Mark(first: now, isRecovered: isRecovered)
    let isInLine = mark.deadline != nil
    mark.isRecovered = mark.isRecovered && isRecovered
    mark.isAfterthought = false
    let deadline = now + max(settle, atLeast)
    mark.deadline = max(deadline, mark.deadline ?? deadline)
    change(&mark)
    put(mark, at: key)
    if !isInLine { line.append((deadline, key)) }
  }

  /// Whether nothing but `key` is going on in its folder.
  func isAlone(_ key: Key) -> Bool { restless[key.folder, default: 0] <= (isRestless(key) ? 1 : 0) }

  private func isRestless(_ key: Key) -> Bool { marks[key].map { !$0.isAfterthought } ?? false }

  private mutating func put(_ mark: Mark?, at key: Key) {
    let before = isRestless(key)
    marks[key] = mark
    guard before != isRestless(key) else { return }
    let count = restless[key.folder, default: 0] + (before ? -1 : 1)
    restless[key.folder] = count == 0 ? nil : count
  }

  /// Notes that a path that is waited for is complete, and that nothing is to be gained by waiting longer.
  mutating func complete(_ key: Key) { complete.append(key) }

  /// Looks once more, in a while, at a path that has just been reported.
  mutating func lookAgain(_ key: Key, at now: Timestamp) {
    guard marks[key] == nil else { return }
    touch(key, at: now) { $0.isAfterthought = true }
  }

  /// Removes and returns what is at rest or complete.
  mutating func due(at now: Timestamp) -> [(key: Key, mark: Mark)] {
    var due: [(key: Key, mark: Mark)] = []
    for key in complete {
      guard var mark = marks[key], !mark.isOpen else { continue }
      put(nil, at: key)
      mark.isEarly = true
      due.append((key, mark))
    }
    complete.removeAll(keepingCapacity: true)
    while head < line.count, isPast(line[head].deadline, now) {
      let key = line[head].key
      head += 1
      guard let mark = marks[key], let deadline = mark.deadline else { continue }
      if !isPast(deadline, now), now - mark.first < longest {
        line.append((deadline, key))
      } else if mark.isOpen {
        marks[key]?.deadline = nil
      } else if let origin = mark.origin, marks[origin]?.isOpen == true, now - mark.first < patience {
        marks[key]?.deadline = now + max(settle, .milliseconds(5))
        line.append((now + max(settle, .milliseconds(5)), key))
      } else {
        put(nil, at: key)
        due.append((key, mark))
      }
    }
    if head > 1024, head * 2 > line.count || head == line.count {
      line.removeFirst(head)
      head = 0
    }
    return due
  }

  /// Forgets what is held: after lost notifications nothing tells when a file is closed.
  mutating func release(at now: Timestamp) {
    for key in marks.keys where marks[key]?.isOpen == true {
      touch(key, at: now, isRecovered: true) { $0.isOpen = false }
    }
  }

  /// A deadline that lies too far ahead was made before the clock was set back.
  private func isPast(_ deadline: Timestamp, _ now: Timestamp) -> Bool {
    deadline <= now || deadline - now > .seconds(120)
  }
}
