// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import PluginHost
public import Processes

/// What a host is told at its start.
public struct HostConfiguration: Sendable {
  /// The rule files and folders.
  public var rulePaths: [String]
  /// Where the log and the sockets are.
  public var paths: StatePaths
  /// Where plugins are looked for.
  public var pluginFolders: [PluginFolder]
  /// The environment that rules and plugins may read from.
  public var environment: [String: String]
  /// How long running actions may go on when the host stops.
  public var patience: Duration = .seconds(30)
  /// The host's clock.
  public var clock: any HostClock = SystemClock()
  /// Starts plugins and commands.
  public var starter: any ProcessStarter = SystemProcessStarter()
  /// Takes lines for the host's own log, on any thread.
  public var report: @Sendable (_ line: String) -> Void

  /// Makes a configuration.
  public init(
    rulePaths: [String],
    paths: StatePaths,
    pluginFolders: [PluginFolder],
    environment: [String: String],
    report: @escaping @Sendable (_ line: String) -> Void
  ) {
    self.rulePaths = rulePaths
    self.paths = paths
    self.pluginFolders = pluginFolders
    self.environment = environment
    self.report = report
  }
}

/// Why a host could not start, or had to end.
public struct HostFailure: Error, Sendable, CustomStringConvertible {
  /// What happened, in words.
  public let description: String
  /// The exit status that says so to programs, one of sysexits.h.
  public let status: Int32

  init(_ description: String, status: Int32) {
    self.description = description
    self.status = status
  }
}
