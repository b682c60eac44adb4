// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// A pipe whose ends no child inherits unless they are given to it.
public struct ProcessPipe: Sendable {
  /// Where it is read.
  public let readEnd: Descriptor
  /// Where it is written.
  public let writeEnd: Descriptor

  /// Makes a pipe.
  ///
  /// - Throws: `StartFailure` when the system has none left, since it is made for a process that is to be started.
  public init() throws(StartFailure) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      throw StartFailure(errno: errno, description: "cannot make a pipe: \(String(cString: strerror(errno)))")
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    readEnd = Descriptor(ends[0])
    writeEnd = Descriptor(ends[1])
  }
}

/// A descriptor that is closed once, at the latest when nobody knows it any more.
public final class Descriptor: Sendable {
  /// The system's number of it.
  public let number: Int32
  private let isClosed = Mutex(false)

  /// Takes over a descriptor.
  public init(_ number: Int32) { self.number = number }

  deinit { close() }

  /// Closes it, unless that has been done.
  public func close() {
    isClosed.withLock { isClosed in
      if !isClosed { _ = Foundation.close(number) }
      isClosed = true
    }
  }

  /// Lets reading and writing return at once when nothing can be read or written.
  public func stopBlocking() { _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK) }
}
