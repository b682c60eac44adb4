// SPDX-License-Identifier: Apache-2.0

import EventModel
import Testing

@testable import FileSource

@Suite struct SettleQueueTests {
  private let start = Timestamp(seconds: 1_000_000)
  private func instant(_ milliseconds: Int64) -> Timestamp { start + .milliseconds(milliseconds) }
  private func key(_ name: String) -> SettleQueue.Key {
    SettleQueue.Key(folder: 1, generation: 0, name: Array(name.utf8))
  }

  private func due(_ queue: inout SettleQueue, _ milliseconds: Int64) -> [String] {
    queue.due(at: instant(milliseconds)).map { String(decoding: $0.key.name, as: UTF8.self) }
  }

  @Test func `gives a path once it is at rest, in order`() {
    var queue = SettleQueue(settle: .milliseconds(50))
    queue.touch(key("a"), at: instant(0))
    queue.touch(key("b"), at: instant(10))
    queue.touch(key("c"), at: instant(20))
    queue.touch(key("b"), at: instant(30))
    #expect(queue.nextDeadline == instant(50))
    #expect(due(&queue, 49) == [] && due(&queue, 50) == ["a"])
    #expect(due(&queue, 75) == ["c"] && due(&queue, 80) == ["b"])
    #expect(queue.marks.isEmpty && queue.nextDeadline == nil)
  }

  @Test func `does not wait forever for a path that is never at rest`() {
    var queue = SettleQueue(settle: .milliseconds(50))
    var found: [Int64] = []
    for time in stride(from: Int64(0), to: 2500, by: 10) {
      queue.touch(key("log"), at: instant(time))
      if !due(&queue, time).isEmpty { found.append(time) }
    }
    #expect(found.count == 2 && found[0] <= 1050)
  }

  @Test func `holds a file until it is closed`() {
    var queue = SettleQueue(settle: .milliseconds(50))
    queue.touch(key("a"), at: instant(0)) { $0.isOpen = true }
    #expect(due(&queue, 5000) == [] && queue.nextDeadline == nil)
    queue.touch(key("a"), at: instant(6000)) { $0.isOpen = false }
    #expect(due(&queue, 6050) == ["a"])
  }

  @Test func `holds a backup as long as the file itself is being written, but not forever`() {
    var queue = SettleQueue(settle: .milliseconds(50))
    for name in ["a", "b"] {
      queue.touch(key(name), at: instant(0)) { $0.isOpen = true }
      queue.touch(key(name + "~"), at: instant(0)) { $0.origin = key(name) }
    }
    #expect(due(&queue, 60) == [] && due(&queue, 400) == [])
    queue.touch(key("a"), at: instant(400)) { $0.isOpen = false }
    #expect(due(&queue, 500).sorted() == ["a", "a~"])
    #expect(due(&queue, 9000) == [] && due(&queue, 10_001) == ["b~"])
  }

  @Test func `gives up waiting for what was lost`() {
    var queue = SettleQueue(settle: .zero)
    queue.touch(key("a"), at: instant(0)) { $0.isOpen = true }
    #expect(due(&queue, 10) == [])
    queue.release(at: instant(20))
    #expect(due(&queue, 20) == ["a"])
  }

  @Test func `is not stopped by a clock that is set back`() {
    var queue = SettleQueue(settle: .milliseconds(50))
    queue.touch(key("a"), at: instant(0))
    #expect(due(&queue, -3_600_000) == ["a"])
  }

  @Test func `tells a rescan from a notification`() {
    var queue = SettleQueue(settle: .zero)
    queue.touch(key("a"), at: instant(0), isRecovered: true)
    queue.touch(key("b"), at: instant(0), isRecovered: true)
    queue.touch(key("b"), at: instant(0))
    queue.touch(key("b"), at: instant(0), isRecovered: true)
    #expect(queue.due(at: instant(0)).map(\.mark.isRecovered) == [true, false])
  }
}
