// SPDX-License-Identifier: Apache-2.0

import Expressions
import Foundation
import Processes

/// Where secrets come from: `EARSHOT_SECRET_NAME` in the environment, or a file `NAME` in a folder for secrets.
///
/// The folders are `$CREDENTIALS_DIRECTORY`, which systemd makes for a service, and `earshot/secrets` in the user's
/// configuration; what others can read is refused. The environment comes first. Read once, when the host starts.
enum SecretStore {
  static let prefix = "EARSHOT_SECRET_"

  /// All secrets by their names.
  ///
  /// - Throws: `HostFailure` when a folder or file can be read by others, or a secret is too short to be kept secret.
  static func load(environment: [String: String]) throws -> [String: String] {
    var secrets: [String: String] = [:]
    for folder in folders(environment) { secrets.merge(try read(folder)) { first, _ in first } }
    secrets.merge(named(in: environment)) { _, named in named }
    for (name, value) in secrets where value.utf8.count < SecretRedaction.shortest {
      throw HostFailure(
        "the secret \(name) has fewer than \(SecretRedaction.shortest) characters and could not be kept secret",
        status: 78
      )
    }
    return secrets
  }

  /// The secrets that variables hold.
  static func named(in environment: [String: String]) -> [String: String] {
    let found = environment.filter { $0.key.hasPrefix(prefix) }
    return Dictionary(found.map { (String($0.key.dropFirst(prefix.count)), $0.value) }) { first, _ in first }
  }

  /// The variables that expressions may see.
  static func open(_ environment: [String: String]) -> [String: String] {
    environment.filter { !$0.key.hasPrefix(prefix) }
  }

  private static func folders(_ environment: [String: String]) -> [String] {
    let configured = environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    let own = (configured ?? (environment["HOME"] ?? "") + "/.config") + "/earshot/secrets"
    return [environment["CREDENTIALS_DIRECTORY"], own].compactMap { $0 }
  }

  private static func read(_ folder: String) throws -> [String: String] {
    guard let names = try names(in: folder) else { return [:] }
    try checkAccess(folder)
    var secrets: [String: String] = [:]
    for name in names where !name.hasPrefix(".") {
      let path = folder + "/" + name
      try checkAccess(path)
      guard let data = FileManager.default.contents(atPath: path),
        var text = String(validating: data, as: UTF8.self)
      else { throw HostFailure("the secret '\(path)' cannot be read as text", status: 78) }
      if text.hasSuffix("\n") { text.removeLast() }
      secrets[name] = text
    }
    return secrets
  }

  private static func names(in folder: String) throws -> [String]? {
    do throws(FolderNames.Failure) {
      return try FolderNames.read(folder)
    } catch {
      throw HostFailure("\(error)", status: 78)
    }
  }

  private static func checkAccess(_ path: String) throws {
    guard FileTrust.isPrivate(path) else {
      throw HostFailure("'\(path)' can be read by others: chmod go= '\(path)'", status: 78)
    }
  }
}
