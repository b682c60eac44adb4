// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The names of what is in a folder.
public enum FolderNames {
  /// Why a folder cannot be read.
  public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What happened, in words.
    public let description: String
  }

  /// The names in ascending order; nil when there is no such folder.
  ///
  /// - Throws: `Failure` when not all of them can be read: a part must not be taken for the whole.
  public static func read(_ path: String) throws(Failure) -> [String]? {
    guard let stream = opendir(path) else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw failure(path)
    }
    defer { closedir(stream) }
    var names: [String] = []
    errno = 0
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name.0) { String(cString: $0) }
      if name != ".", name != ".." { names.append(name) }
      errno = 0
    }
    guard errno == 0 else { throw failure(path) }
    return names.sorted()
  }

  private static func failure(_ path: String) -> Failure {
    Failure(description: "cannot read the folder '\(path)': \(String(cString: strerror(errno)))")
  }
}
