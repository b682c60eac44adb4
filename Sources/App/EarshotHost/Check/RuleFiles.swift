// SPDX-License-Identifier: Apache-2.0

import Foundation
import Processes
public import Rules

/// The rule files below the paths that a person named.
public enum RuleFiles {
  /// Why the files could not be read.
  public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What happened, in words.
    public let description: String
  }

  /// Where rules are looked for when no path is named: `Rules/` here, else the user's configuration.
  public static func defaultPaths(environment: [String: String], workingDirectory: String) -> [String] {
    var isFolder: ObjCBool = false
    let here = workingDirectory + "/Rules"
    if FileManager.default.fileExists(atPath: here, isDirectory: &isFolder), isFolder.boolValue {
      return ["Rules"]
    }
    let configured = environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    return [(configured ?? (environment["HOME"] ?? "") + "/.config") + "/earshot"]
  }

  /// Reads every file named, and every `*.yaml` and `*.yml` below the folders named, in the order of their paths.
  ///
  /// - Throws: `Failure` when a path does not exist, cannot be read, or may be changed by anybody else.
  public static func read(_ paths: [String]) throws -> [RuleFile] {
    try paths.flatMap(names).map { name in
      try checkAccess(name)
      guard let data = FileManager.default.contents(atPath: name) else {
        throw Failure(description: "cannot read '\(name)'")
      }
      return RuleFile(name: name, bytes: Array(data))
    }
  }

  private static func names(below path: String) throws -> [String] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw Failure(description: "there is no '\(path)'")
    }
    guard isFolder.boolValue else { return [path] }
    try checkAccess(path)
    let folder = path.hasSuffix("/") ? path : path + "/"
    return try files(in: path).map { folder + $0 }.sorted()
  }

  /// The rule files in a folder and those below it, as paths from there; links to folders are not followed.
  private static func files(in folder: String) throws -> [String] {
    let names: [String]
    do throws(FolderNames.Failure) {
      names = try FolderNames.read(folder) ?? []
    } catch {
      throw Failure(description: "\(error)")
    }
    return try names.filter { !$0.hasPrefix(".") }.flatMap { name in
      let path = folder + "/" + name
      if try isFolder(path) { return try files(in: path).map { name + "/" + $0 } }
      return name.hasSuffix(".yaml") || name.hasSuffix(".yml") ? [name] : []
    }
  }

  private static func isFolder(_ path: String) throws -> Bool {
    var status = stat()
    guard lstat(path, &status) == 0 || errno == ENOENT else {
      throw Failure(description: "cannot look at '\(path)': \(String(cString: strerror(errno)))")
    }
    return status.st_mode & S_IFMT == S_IFDIR
  }

  private static func checkAccess(_ path: String) throws {
    if let problem = FileTrust.problem(of: path) { throw Failure(description: problem) }
  }
}
