// SPDX-License-Identifier: Apache-2.0

import Foundation
import ListenerSDK

/// The folders in which files may be touched.
struct Roots {
  private let folders: [String]

  init(_ settings: JSONValue) throws {
    guard case .array(let listed)? = settings["roots"], !listed.isEmpty else {
      throw ActionError.fail("the listener has no 'roots': list the folders that it may change")
    }
    folders = try listed.map { root in
      guard let path = root.string, path.hasPrefix("/") else {
        throw ActionError.fail("a root must be an absolute path")
      }
      return Self.resolved(path)
    }
  }

  /// The real path of a file in a root; its folder must exist.
  func path(_ text: String) throws -> String {
    guard text.hasPrefix("/"), !text.contains("\0") else {
      throw ActionError.fail("'\(text)' is not an absolute path")
    }
    let parts = text.split(separator: "/")
    guard let name = parts.last, !parts.contains(".."), name != "." else {
      throw ActionError.fail("'\(text)' does not name a file plainly")
    }
    let folder = Self.resolved("/" + parts.dropLast().joined(separator: "/"))
    guard folders.contains(where: { folder == $0 || folder.hasPrefix($0 == "/" ? "/" : $0 + "/") }) else {
      throw ActionError.fail("'\(text)' lies outside the roots")
    }
    let path = folder == "/" ? "/\(name)" : "\(folder)/\(name)"
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    if attributes?[.type] as? FileAttributeType == .typeSymbolicLink {
      throw ActionError.fail("'\(text)' is a symbolic link")
    }
    return path
  }

  private static func resolved(_ path: String) -> String {
    URL(filePath: path).resolvingSymlinksInPath().path
  }
}
