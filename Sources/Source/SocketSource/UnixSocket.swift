// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Why a unix socket cannot be had.
public struct SocketFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kinds of failure.
  public enum Code: String, Sendable, CaseIterable {
    /// The path is longer than the system allows.
    case path = "socket-path"
    /// The folder belongs to somebody else or is open to others.
    case folder = "socket-folder"
    /// Another host listens there.
    case inUse = "socket-in-use"
  }

  /// The kind of failure.
  public let code: Code
  /// What happened, in words.
  public let message: String

  /// The message with its code.
  public var description: String { "\(message) [\(code.rawValue)]" }
}

/// Sockets in the file system that only their own user may use.
public enum UnixSocket {
  /// Whether somebody accepts connections at a path.
  public static func accepts(at path: String) -> Bool {
    guard let address = address(path) else { return false }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
  }

  /// Makes the folder and removes a socket that nobody listens at, then lets `bind` make a new one.
  ///
  /// The socket is for this user alone from its first moment. The creation mask is the process', so this is called
  /// before other threads make files, or one call at a time.
  public static func binding<Value>(_ path: String, _ bind: (String) async throws -> Value) async throws
    -> Value
  {
    try prepare(path)
    let value = try await bind(path)
    // The folder lets nobody else in meanwhile.
    chmod(path, 0o600)
    return value
  }

  /// Removes the socket at a path.
  public static func remove(_ path: String) { unlink(path) }

  private static func prepare(_ path: String) throws(SocketFailure) {
    guard address(path) != nil else {
      throw SocketFailure(
        code: .path,
        message: "'\(path)' is too long for a socket: choose a shorter --state"
      )
    }
    let folder = (path as NSString).deletingLastPathComponent
    try? FileManager.default.createDirectory(
      atPath: folder,
      withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700]
    )
    var status = stat()
    guard stat(folder, &status) == 0, status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else {
      let message = "'\(folder)' must be yours and closed to others: chmod 700 '\(folder)'"
      throw SocketFailure(code: .folder, message: message)
    }
    guard !accepts(at: path) else {
      throw SocketFailure(code: .inUse, message: "another host listens at '\(path)'")
    }
    unlink(path)
  }

  private static func address(_ path: String) -> sockaddr_un? {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    return address
  }
}
