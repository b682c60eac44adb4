// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import EarshotHost
import Foundation

/// `earshot service`: runs the host as a background agent of the user's service manager.
struct Service: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run the host in the background from login on.",
    subcommands: [Install.self, Status.self, Uninstall.self]
  )

  struct Install: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write the systemd user unit and start it.",
      discussion: "With --print nothing is written: the unit goes to standard output."
    )

    @Argument(help: "The rule files or folders to run (default: ~/.config/earshot).") var paths: [String] = []
    @Option(help: "Where the host keeps its log and sockets.") var state: String?
    @Flag(name: .customLong("print"), help: "Print the unit instead of installing it.") var printOnly = false

    func run() throws {
      let unit = SystemdUnit(executable: try Self.ownPath(), arguments: arguments())
      if printOnly {
        print(unit.text, terminator: "")
        return
      }
      let manager = UserServiceManager(environment: ProcessInfo.processInfo.environment)
      let file = try manager.install(unit)
      print("wrote \(file)")
      try manager.systemctl(["daemon-reload"])
      try manager.systemctl(["enable", "--now", SystemdUnit.fileName])
      print("started; see `earshot service status`, and `journalctl --user -u earshot` for its messages")
    }

    private func arguments() -> [String] {
      let here = URL(filePath: FileManager.default.currentDirectoryPath, directoryHint: .isDirectory)
      let absolute = { (path: String) in URL(filePath: path, relativeTo: here).absoluteURL.path }
      return ["run"] + (state.map { ["--state", absolute($0)] } ?? []) + paths.map(absolute)
    }

    private static func ownPath() throws -> String {
      try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    }
  }

  struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show what the service manager says of the host."
    )

    func run() throws {
      try UserServiceManager(environment: ProcessInfo.processInfo.environment)
        .systemctl(["status", "--no-pager", SystemdUnit.fileName])
    }
  }

  struct Uninstall: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Stop the host and remove the unit; the log stays."
    )

    func run() throws {
      let manager = UserServiceManager(environment: ProcessInfo.processInfo.environment)
      guard manager.isInstalled else {
        print("no unit is installed")
        return
      }
      try manager.systemctl(["disable", "--now", SystemdUnit.fileName])
      print("removed \(try manager.remove())")
      try manager.systemctl(["daemon-reload"])
    }
  }
}
