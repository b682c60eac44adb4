// SPDX-License-Identifier: Apache-2.0

import DurableLog

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Keeps a second host from opening the same log; the kernel lets go of it when the process ends.
final class LockFile: Sendable {
  private let descriptor: Int32

  init(path: String) throws(LogFailure) {
    // Becomes this object's only once it is to be kept: `deinit` also runs when an initializer throws after that.
    let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard opened >= 0 else {
      throw LogFailure(.io, "cannot open \(path): \(String(cString: strerror(errno)))")
    }
    guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
      let reason = errno
      close(opened)
      throw reason == EWOULDBLOCK
        ? LogFailure(.alreadyOpen, "another host has the log open (\(path) is locked)")
        : LogFailure(.io, "cannot lock \(path): \(String(cString: strerror(reason)))")
    }
    descriptor = opened
  }

  deinit {
    // Closing alone does not let go of it while a child that is about to become another program still has the file.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }
}
