// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Sockets in the file system.
public enum UnixSocket {
  /// Whether somebody accepts connections at a path.
  public static func accepts(at path: String) -> Bool {
    guard path.utf8.count <= SocketFolder.maximumPathLength, let descriptor = try? make() else {
      return false
    }
    defer { close(descriptor) }
    // A full backlog is a sign of life as well.
    return withAddress(of: path) { connect(descriptor, $0, $1) } == 0 || errno == EAGAIN
  }

  static func make() throws(SocketFailure) -> Int32 {
    #if canImport(Glibc)
      let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    #else
      let kind = SOCK_STREAM
    #endif
    let descriptor = socket(AF_UNIX, kind, 0)
    guard descriptor >= 0 else {
      throw SocketFailure(.io, "cannot make a socket: \(SocketFolder.reason())")
    }
    return descriptor
  }

  static func withAddress(
    of path: String,
    _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}
