// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// Interrupts a thread that waits for descriptors; any thread may ring.
final class WakePipe: Sendable {
  private struct Ends {
    var reading: Int32 = -1
    var writing: Int32 = -1
    var isStopped = false
  }

  private let ends: Mutex<Ends>

  init() {
    var pair: [Int32] = [-1, -1]
    if pipe(&pair) == 0 {
      for end in pair {
        _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        _ = fcntl(end, F_SETFL, O_NONBLOCK)
      }
    }
    ends = Mutex(Ends(reading: pair[0], writing: pair[1]))
  }

  deinit {
    ends.withLock { ends in
      if ends.reading >= 0 { close(ends.reading) }
      if ends.writing >= 0 { close(ends.writing) }
    }
  }

  /// Whether the thread is to end.
  var isStopped: Bool { ends.withLock(\.isStopped) }

  func ring() {
    ends.withLock { ends in
      var byte: UInt8 = 1
      // A full pipe wakes as well.
      _ = write(ends.writing, &byte, 1)
    }
  }

  func stop() {
    ends.withLock { $0.isStopped = true }
    ring()
  }

  /// Returns when somebody rang, when `descriptor` can be read, or after so many milliseconds.
  func wait(_ descriptor: Int32, milliseconds: Int32) {
    let reading = ends.withLock(\.reading)
    var waits = [
      pollfd(fd: reading, events: Int16(POLLIN), revents: 0),
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
    ]
    guard poll(&waits, 2, milliseconds) > 0, waits[0].revents != 0 else { return }
    var bytes = [UInt8](repeating: 0, count: 64)
    while read(reading, &bytes, bytes.count) == bytes.count {}
  }
}
