// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Files that are to be written where nothing is.
public struct NewFiles: Sendable {
  private let files: [String: String]
  private let root: String

  /// Something is there already.
  public struct Conflict: Error, Hashable, CustomStringConvertible {
    /// What is there.
    public let description: String
  }

  /// Prepares files with these contents, by their paths from `root`.
  public init(_ files: [String: String], in root: String) {
    self.files = files
    self.root = root
  }

  /// Writes all of them, or none when one is there already; gives their paths in order.
  public func write() throws -> [String] {
    let paths = files.keys.sorted()
    for path in paths where FileManager.default.fileExists(atPath: "\(root)/\(path)") {
      throw Conflict(description: "'\(root)/\(path)' is there already; nothing was written")
    }
    for path in paths {
      let file = URL(filePath: "\(root)/\(path)")
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(),
        withIntermediateDirectories: true
      )
      try Data((files[path] ?? "").utf8).write(to: file, options: .withoutOverwriting)
    }
    return paths.map { "\(root)/\($0)" }
  }
}
