// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import EarshotHost
import EventModel
import Foundation
import Synchronization

/// `earshot run`: the host itself.
struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Hear events and do what the rules say, until stopped.",
    discussion: """
      Loads every *.yaml below the paths (by default Rules/ here, else the user's configuration), and prints a line \
      that begins with `ready` once everything is heard. SIGHUP reads the rules anew; SIGTERM and SIGINT finish what \
      is under way and stop.
      """
  )

  @Argument(help: "Rule files and folders.") var paths: [String] = []
  @OptionGroup var location: StateOption
  @OptionGroup var plugins: PluginOption

  func run() async throws {
    let environment = ProcessInfo.processInfo.environment
    let standard = RuleFiles.defaultPaths(
      environment: environment,
      workingDirectory: FileManager.default.currentDirectoryPath
    )
    let configuration = HostConfiguration(
      rulePaths: paths.isEmpty ? standard : paths,
      paths: location.paths,
      pluginFolders: plugins.standardFolders,
      environment: environment,
      report: HostOutput.report
    )
    do {
      try await Host.run(configuration) { HostOutput.say($0) }
    } catch let failure as HostFailure {
      HostOutput.write(failure.description)
      throw ExitCode(failure.status)
    }
  }
}

/// Lines for the host's log, on standard error; each line is written as a whole.
enum HostOutput {
  private static let isJournal = ProcessInfo.processInfo.environment["JOURNAL_STREAM"] != nil
  private static let lock = Mutex(())

  /// Writes a line with the time before it, which the journal has by itself.
  static func report(_ line: String) {
    let text = TerminalText.escaped(line)
    write(isJournal ? text : "\(SystemClock().now().rfc3339) \(text)")
  }

  /// Writes a line to standard output at once, also into a pipe.
  static func say(_ line: String) { write(line, to: .standardOutput) }

  /// Writes a text to standard error.
  static func write(_ text: String) { write(text, to: .standardError) }

  /// A line that cannot be written is left out: the disk may be full of which it tells, and the host goes on.
  private static func write(_ text: String, to file: FileHandle) {
    lock.withLock { _ in _ = try? file.write(contentsOf: Data((text + "\n").utf8)) }
  }
}
