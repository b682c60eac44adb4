// SPDX-License-Identifier: Apache-2.0

import Foundation
import ListenerSDK

/// Finds a program's file.
enum ProgramPath {
  /// The absolute path: a bare name is looked up in `search`, a relative path starts at `directory`.
  static func find(_ name: String, directory: String?, search: String?) throws -> String {
    guard name.contains("/") else { return try lookUp(name, search ?? "") }
    if name.hasPrefix("/") { return try checked(name) }
    guard let directory else {
      throw ActionError.fail("'\(name)' is a relative path: write it in full, or give 'cwd'")
    }
    return try checked("\(directory)/\(name)")
  }

  private static func lookUp(_ name: String, _ search: String) throws -> String {
    // An empty or relative part would mean the working directory, which is nobody's intention here.
    let folders = search.split(separator: ":").filter { $0.hasPrefix("/") }
    guard let path = folders.map({ "\($0)/\(name)" }).first(where: isProgram) else {
      throw ActionError.fail("there is no program '\(name)' in PATH, which is '\(search)'")
    }
    return path
  }

  private static func checked(_ path: String) throws -> String {
    guard FileManager.default.fileExists(atPath: path) else {
      throw ActionError.fail("there is no program '\(path)'")
    }
    guard isProgram(path) else { throw ActionError.fail("'\(path)' cannot be executed") }
    return path
  }

  private static func isProgram(_ path: String) -> Bool {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
      && !isDirectory.boolValue && access(path, X_OK) == 0
  }
}
