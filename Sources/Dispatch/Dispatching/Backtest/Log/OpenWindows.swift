// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel

/// The windows of a backtest.
struct OpenWindows {
  private struct Name: Hashable {
    let owner: String
    let key: [UInt8]
  }

  private var windows: [Int64: StoredWindow] = [:]
  private var ids: [Name: Int64] = [:]
  private var oldest: [Int64: LogPosition] = [:]
  private var queue = DueQueue()
  private var last: Int64 = 0

  var count: Int { windows.count }
  /// The oldest events that windows need, one for each that needs any.
  var needed: some Sequence<LogPosition> { oldest.values }
  /// All of them, in the order in which they were opened.
  var all: [StoredWindow] { windows.values.sorted { $0.id < $1.id } }

  subscript(id: Int64) -> StoredWindow? { windows[id] }

  func window(of owner: String, key: [UInt8]) -> StoredWindow? {
    ids[Name(owner: owner, key: key)].flatMap { windows[$0] }
  }

  mutating func open(owner: String, key: [UInt8], due: Timestamp, content: [UInt8], oldest: LogPosition?) {
    last += 1
    windows[last] = StoredWindow(id: last, owner: owner, key: key, due: due, content: content)
    ids[Name(owner: owner, key: key)] = last
    self.oldest[last] = oldest
    queue.note(last, due: due)
  }

  mutating func update(_ id: Int64, due: Timestamp?, content: [UInt8], oldest: LogPosition?) {
    guard windows[id] != nil else { return }
    self.oldest[id] = oldest
    windows[id]?.content = content
    guard let due else { return }
    windows[id]?.due = due
    queue.note(id, due: due)
    queue.tidy(besides: windows.count) { [windows] in windows[$0]?.due == $1 }
  }

  mutating func remove(_ window: StoredWindow) {
    windows[window.id] = nil
    oldest[window.id] = nil
    ids[Name(owner: window.owner, key: window.key)] = nil
  }

  /// When the next one is due.
  mutating func nextDue() -> Timestamp? { queue.next { [windows] in windows[$0]?.due == $1 } }

  /// Those that a wish is about.
  mutating func windows(for wish: WindowWish, at now: Timestamp) -> [StoredWindow] {
    switch wish {
    case .closeDue(let limit):
      queue.due(at: now, limit: limit) { [windows] in windows[$0]?.due == $1 }.compactMap { windows[$0] }
    case .open: []
    case .fire(let id), .extend(let id, _), .cancel(let id), .advance(let id, _):
      windows[id].map { [$0] } ?? []
    case .review(let owner): all.filter { $0.owner == owner }
    case .forget(let owner, let limit): Array(all.filter { $0.owner == owner }.prefix(limit))
    }
  }
}
