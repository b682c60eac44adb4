// SPDX-License-Identifier: Apache-2.0

import EventModel
import HeapModule

/// What is due when, the earliest first.
///
/// What is due at another time now, or no more, stays until it comes to the front: whoever asks says what still holds.
struct DueQueue {
  private struct Entry: Comparable {
    let due: Timestamp
    let id: Int64

    static func < (left: Entry, right: Entry) -> Bool { (left.due, left.id) < (right.due, right.id) }
  }

  private var heap = Heap<Entry>()

  /// Notes that something is due.
  mutating func note(_ id: Int64, due: Timestamp) { heap.insert(Entry(due: due, id: id)) }

  /// When the next thing is due of which it still holds.
  mutating func next(_ holds: (_ id: Int64, _ due: Timestamp) -> Bool) -> Timestamp? {
    while let first = heap.min {
      if holds(first.id, first.due) { return first.due }
      heap.removeMin()
    }
    return nil
  }

  /// What is due by an instant, at most so much.
  mutating func due(
    at instant: Timestamp,
    limit: Int,
    _ holds: (_ id: Int64, _ due: Timestamp) -> Bool
  ) -> [Int64] {
    var found: [Entry] = []
    while found.count < limit, let first = heap.min, first.due <= instant {
      heap.removeMin()
      if first != found.last, holds(first.id, first.due) { found.append(first) }
    }
    for entry in found { heap.insert(entry) }
    return found.map(\.id)
  }

  /// Forgets what does not hold any more, once that may be most of it.
  mutating func tidy(besides count: Int, _ holds: (_ id: Int64, _ due: Timestamp) -> Bool) {
    guard heap.count > 2 * count + 1024 else { return }
    heap = Heap(heap.unordered.filter { holds($0.id, $0.due) })
  }
}
