// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Whether a file may decide what is run.
///
/// Whoever can change a rule or a plugin decides what this process does, so only its user and the administrator may.
public enum FileTrust {
  /// Why a file or folder is not to be trusted, in words; nil when it is, or when there is none.
  public static func problem(of path: String) -> String? {
    var status = stat()
    guard stat(path, &status) == 0 else {
      return isMissing ? nil : "'\(path)' cannot be looked at: \(String(cString: strerror(errno)))"
    }
    guard status.st_uid == geteuid() || status.st_uid == 0 else { return "'\(path)' belongs to another user" }
    guard status.st_mode & S_IWOTH == 0 else {
      return "'\(path)' can be changed by every user: chmod o-w '\(path)'"
    }
    return nil
  }

  /// Whether the last call has failed because there is nothing at its path.
  private static var isMissing: Bool { errno == ENOENT || errno == ENOTDIR }

  /// Whether nobody but its user and the administrator can read or change a file or folder, or there is none.
  public static func isPrivate(_ path: String) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else { return isMissing }
    let isOwn = status.st_uid == geteuid() || status.st_uid == 0
    return isOwn && status.st_mode & (S_IRWXG | S_IRWXO) == 0
  }
}
