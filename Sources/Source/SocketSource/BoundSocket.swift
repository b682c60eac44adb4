// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A listening unix stream socket in the file system, with mode 0600.
public struct BoundSocket: Sendable {
  /// Where it is.
  public let path: String
  /// The listening descriptor, which belongs to whoever bound it.
  public let descriptor: Int32
  private let identity: Identity

  /// What tells one file from every other: numbers are used again, but not with the same time of change.
  private struct Identity: Sendable, Hashable {
    let device: dev_t
    let inode: ino_t
    let seconds: Int
    let nanoseconds: Int

    init(_ status: stat) {
      device = status.st_dev
      inode = status.st_ino
      seconds = status.st_ctim.tv_sec
      nanoseconds = status.st_ctim.tv_nsec
    }
  }

  /// Waits for the lock of a directory.
  private static func lock(_ folder: Int32) -> Bool {
    var status: Int32
    repeat { status = flock(folder, LOCK_EX) } while status != 0 && errno == EINTR
    return status == 0
  }

  /// Prepares the directory, removes a socket that nobody listens on any more, binds and listens.
  ///
  /// Two processes that start at once cannot both take a left-over socket away: all of it happens under a lock of
  /// the directory.
  public init(_ path: String, backlog: Int32 = 4096) throws(SocketFailure) {
    try SocketFolder.prepare(path)
    let folder = open(SocketFolder.folder(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0, Self.lock(folder) else {
      throw SocketFailure(.io, "cannot lock the directory of '\(path)': \(SocketFolder.reason())")
    }
    defer { close(folder) }
    try Self.removeStale(path)
    let descriptor = try UnixSocket.make()
    do throws(SocketFailure) {
      identity = Identity(try Self.bind(descriptor, to: path, backlog))
    } catch {
      close(descriptor)
      throw error
    }
    self.path = path
    self.descriptor = descriptor
  }

  /// Removes the socket from the file system unless another one has taken its place.
  ///
  /// To be called before the descriptor is closed: until then nothing else gets the number of its inode.
  public func unlink() {
    var status = stat()
    guard lstat(path, &status) == 0, Identity(status) == identity else { return }
    _ = Foundation.unlink(path)
  }

  private static func bind(_ descriptor: Int32, to path: String, _ backlog: Int32) throws(SocketFailure)
    -> stat
  {
    // On Linux the file takes over the mode that the descriptor has when it is bound, so there is no moment in
    // which others could connect, and the umask of all threads stays alone. Elsewhere this does nothing.
    _ = fchmod(descriptor, 0o600)
    guard UnixSocket.withAddress(of: path, { Foundation.bind(descriptor, $0, $1) }) == 0,
      chmod(path, 0o600) == 0
    else {
      throw SocketFailure(.io, "cannot bind the socket '\(path)': \(SocketFolder.reason())")
    }
    var status = stat()
    guard lstat(path, &status) == 0, listen(descriptor, backlog) == 0 else {
      throw SocketFailure(.io, "cannot listen on the socket '\(path)': \(SocketFolder.reason())")
    }
    return status
  }

  private static func removeStale(_ path: String) throws(SocketFailure) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw SocketFailure(.notASocket, "'\(path)' is there and no socket: remove it or choose another path")
    }
    let descriptor = try UnixSocket.make()
    defer { close(descriptor) }
    let result = UnixSocket.withAddress(of: path) { connect(descriptor, $0, $1) }
    // A full backlog (EAGAIN) is a sign of life as well.
    if result != 0 && errno == ECONNREFUSED {
      guard Foundation.unlink(path) == 0 || errno == ENOENT else {
        throw SocketFailure(.io, "cannot remove the left-over socket '\(path)': \(SocketFolder.reason())")
      }
    } else if result == 0 || errno != ENOENT {
      throw SocketFailure(.inUse, "another host is running: it accepts connections at '\(path)'")
    }
  }
}
