// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The directory of a socket, which only its owner may change.
public enum SocketFolder {
  /// The longest path of a socket in bytes: what fits the system's address structure, with a final zero.
  public static let maximumPathLength = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

  /// Makes the directory of the socket at `path` with mode 0700 if there is none, and checks one that is there.
  ///
  /// Returns the path itself, fit to be bound.
  @discardableResult
  public static func prepare(_ path: String) throws(SocketFailure) -> String {
    guard path.utf8.count <= maximumPathLength else {
      let message =
        "the path of the socket '\(path)' has \(path.utf8.count) bytes, at most \(maximumPathLength)"
      throw SocketFailure(.pathTooLong, message + " are possible: choose a shorter directory")
    }
    let folder = folder(of: path)
    try make(folder)
    try check(folder)
    return path
  }

  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func make(_ folder: String) throws(SocketFailure) {
    if mkdir(folder, 0o700) == 0 || errno == EEXIST { return }
    let parent = self.folder(of: folder)
    if errno == ENOENT, parent != folder {
      try make(parent)
      if mkdir(folder, 0o700) == 0 || errno == EEXIST { return }
    }
    throw SocketFailure(.io, "cannot make the directory '\(folder)': \(reason())")
  }

  private static func check(_ folder: String) throws(SocketFailure) {
    var status = stat()
    guard stat(folder, &status) == 0 else {
      throw SocketFailure(.io, "cannot look at the directory '\(folder)': \(reason())")
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw SocketFailure(.io, "'\(folder)' is no directory")
    }
    guard status.st_uid == geteuid() else {
      throw SocketFailure(.unsafeFolder, "the socket's directory '\(folder)' belongs to another user")
    }
    guard status.st_mode & 0o022 == 0 else {
      let message = "the socket's directory '\(folder)' can be changed by others: chmod go-w '\(folder)'"
      throw SocketFailure(.unsafeFolder, message)
    }
  }

  /// What the system says about its last error.
  static func reason() -> String { String(cString: strerror(errno)) }
}
