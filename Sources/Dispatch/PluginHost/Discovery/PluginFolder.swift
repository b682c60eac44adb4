// SPDX-License-Identifier: Apache-2.0

import Foundation
import Processes

/// A folder in which plugins lie.
public struct PluginFolder: Sendable, Hashable {
  /// The folder's path.
  public let path: String

  /// Makes a folder from its path.
  public init(path: String) { self.path = path }

  /// A plugin's executable.
  public struct Executable: Sendable, Hashable {
    /// The plugin's name, which is the end of the executable's name.
    public let name: String
    /// The executable's path.
    public let path: String
  }

  /// The executables in the folder by name; empty when there is no such folder.
  ///
  /// - Throws: `PluginFailure` when the folder cannot be read or may be changed by anybody else.
  public func executables() throws(PluginFailure) -> [Executable] {
    let prefix = PluginExecutables.prefix
    let found = try names().compactMap { name -> Executable? in
      let file = path + "/" + name
      guard name.hasPrefix(prefix), !name.contains("."), access(file, X_OK) == 0 else { return nil }
      return Executable(name: String(name.dropFirst(prefix.count)), path: file)
    }
    guard !found.isEmpty else { return [] }
    if let problem = FileTrust.problem(of: path) { throw PluginFailure(.unsafe, problem) }
    return found
  }

  private func names() throws(PluginFailure) -> [String] {
    do throws(FolderNames.Failure) {
      return try FolderNames.read(path) ?? []
    } catch {
      throw PluginFailure(.unreadable, "\(error)")
    }
  }
}

/// Why a plugin cannot be used.
public struct PluginFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kinds of failure.
  public enum Code: String, Sendable, CaseIterable {
    /// Others could change what would be run.
    case unsafe = "plugin-unsafe"
    /// The folder of plugins cannot be read.
    case unreadable = "plugin-unreadable"
    /// The process could not be started.
    case start = "plugin-start"
    /// It did not say hello in time.
    case silent = "plugin-silent"
    /// It ended before it said hello.
    case ended = "plugin-ended"
    /// It broke the protocol.
    case protocolError = "plugin-protocol"
    /// It speaks another version of the protocol.
    case version = "plugin-version"
    /// It calls itself something else than its executable is called.
    case name = "plugin-name"
  }

  /// The kind of failure.
  public let code: Code
  /// What happened, in words.
  public let message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The message with its code.
  public var description: String { "\(message) [\(code.rawValue)]" }
}
