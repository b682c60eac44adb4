// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// The user's systemd: where its units lie and how it is spoken to.
public struct UserServiceManager: Sendable {
  /// Why the service manager could not do what it was asked.
  public struct Failure: Error, CustomStringConvertible, Sendable {
    /// What happened and what to do about it.
    public let description: String
  }

  /// The folder of the user's own units.
  public let unitFolder: URL

  /// Derives the folder from `XDG_CONFIG_HOME` and `HOME`.
  public init(environment: [String: String]) {
    let configured = environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    unitFolder = URL(
      filePath: (configured ?? (environment["HOME"] ?? "/") + "/.config") + "/systemd/user",
      directoryHint: .isDirectory
    )
  }

  private var unitFile: URL { unitFolder.appending(path: SystemdUnit.fileName) }

  /// Whether the unit is there.
  public var isInstalled: Bool { FileManager.default.fileExists(atPath: unitFile.path) }

  /// Writes the unit file as a whole or not at all, and returns its path.
  public func install(_ unit: SystemdUnit) throws -> String {
    try FileManager.default.createDirectory(at: unitFolder, withIntermediateDirectories: true)
    try Data(unit.text.utf8).write(to: unitFile, options: .atomic)
    return unitFile.path
  }

  /// Removes the unit file and returns its path.
  public func remove() throws -> String {
    try FileManager.default.removeItem(at: unitFile)
    return unitFile.path
  }

  /// Replaces this process' standard streams for `systemctl --user` with `arguments` and waits for it.
  public func systemctl(_ arguments: [String]) throws {
    let status = try spawnAndWait(["systemctl", "--user"] + arguments)
    guard status == 0 else {
      throw Failure(
        description:
          "'systemctl --user \(arguments.joined(separator: " "))' ended with status \(status); "
          + "is a user service manager running here?"
      )
    }
  }

  /// Starts a command found in `PATH`, with this process' own streams, and returns its exit status.
  private func spawnAndWait(_ command: [String]) throws -> Int32 {
    var process: pid_t = 0
    let words = command.map { strdup($0) } + [nil]
    defer { words.forEach { free($0) } }
    let error = posix_spawnp(&process, command[0], nil, nil, words, environ)
    guard error == 0 else {
      throw Failure(description: "cannot start \(command[0]): \(String(cString: strerror(error)))")
    }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
  }
}
