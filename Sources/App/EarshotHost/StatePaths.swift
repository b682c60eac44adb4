// SPDX-License-Identifier: Apache-2.0

/// Where a host keeps its state and its sockets.
///
/// Every command that talks to a host derives the same paths from the same `--state` option and environment.
public struct StatePaths: Sendable, Hashable {
  /// The directory of the log and everything else that must survive.
  public let state: String
  /// The directory of the sockets.
  public let sockets: String

  /// Derives the paths.
  ///
  /// With `stateOption` everything lives in that directory. Otherwise the state is in
  /// `$XDG_STATE_HOME/earshot` (by default `~/.local/state/earshot`) and the sockets are in
  /// `$XDG_RUNTIME_DIR/earshot`, or beside the state where there is no such directory.
  public init(stateOption: String?, environment: [String: String], workingDirectory: String) {
    if let option = stateOption, !option.isEmpty {
      let absolute = option.hasPrefix("/") ? option : workingDirectory + "/" + option
      state = absolute
      sockets = absolute
      return
    }
    let home = environment["HOME"] ?? "/"
    state = (Self.absolute(environment["XDG_STATE_HOME"]) ?? home + "/.local/state") + "/earshot"
    sockets = Self.absolute(environment["XDG_RUNTIME_DIR"]).map { $0 + "/earshot" } ?? state
  }

  /// The database file of the log.
  public var log: String { state + "/earshot.db" }
  /// The database file of the views.
  public var views: String { state + "/views.sqlite" }
  /// The states of long streams, which is only a cache.
  public var snapshots: String { state + "/snapshots.sqlite" }
  /// The socket that takes newline-delimited events.
  public var eventSocket: String { sockets + "/events.sock" }
  /// The socket that the command line talks to.
  public var controlSocket: String { sockets + "/control.sock" }

  /// The value of an XDG variable; the specification says to ignore paths that are not absolute.
  private static func absolute(_ path: String?) -> String? {
    path.flatMap { $0.hasPrefix("/") ? $0 : nil }
  }
}
