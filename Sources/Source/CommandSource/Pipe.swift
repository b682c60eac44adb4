// SPDX-License-Identifier: Apache-2.0

import Foundation
import Processes
import Synchronization

/// A pipe whose ends no child inherits unless they are given to it.
struct Pipe: Sendable {
  let readEnd: Descriptor
  let writeEnd: Descriptor

  init() throws(StartFailure) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      throw StartFailure(errno: errno, description: "cannot make a pipe: \(String(cString: strerror(errno)))")
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    readEnd = Descriptor(ends[0])
    writeEnd = Descriptor(ends[1])
  }
}

/// A descriptor that is closed once, at the latest when nobody knows it any more.
final class Descriptor: Sendable {
  let number: Int32
  private let isClosed = Mutex(false)

  init(_ number: Int32) { self.number = number }

  deinit { close() }

  func close() {
    isClosed.withLock { isClosed in
      if !isClosed { _ = Foundation.close(number) }
      isClosed = true
    }
  }
}
