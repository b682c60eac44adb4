// SPDX-License-Identifier: Apache-2.0

import Glibc
import Processes
import Synchronization

/// Interrupts a thread that waits for descriptors; any thread may ring.
final class WakePipe: Sendable {
  private let pipe: ProcessPipe
  private let hasStopped = Atomic(false)

  init() throws(StartFailure) {
    pipe = try ProcessPipe()
    pipe.readEnd.stopBlocking()
    pipe.writeEnd.stopBlocking()
  }

  /// Whether the thread is to end.
  var isStopped: Bool { hasStopped.load(ordering: .acquiring) }

  func ring() {
    var byte: UInt8 = 1
    // A full pipe wakes as well.
    while write(pipe.writeEnd.number, &byte, 1) < 0, errno == EINTR {}
  }

  func stop() {
    hasStopped.store(true, ordering: .releasing)
    ring()
  }

  /// Returns when somebody rang, when `descriptor` can be read, or after so many milliseconds.
  func wait(_ descriptor: Int32, milliseconds: Int32) {
    let reading = pipe.readEnd.number
    var waits = [
      pollfd(fd: reading, events: Int16(POLLIN), revents: 0),
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
    ]
    guard poll(&waits, 2, milliseconds) > 0, waits[0].revents != 0 else { return }
    var bytes = [UInt8](repeating: 0, count: 64)
    while read(reading, &bytes, bytes.count) == bytes.count {}
  }
}
