// SPDX-License-Identifier: Apache-2.0

/// The text of the systemd user unit that runs the host as a background agent.
///
/// The unit is as closed as a user manager allows while commands run by rules can still do their work: what a
/// rule may touch is the rule author's decision, so the home directory stays writable.
public struct SystemdUnit: Sendable, Hashable {
  /// The absolute path of the `earshot` binary.
  public let executable: String
  /// The arguments after the binary, `run` first.
  public let arguments: [String]

  /// Makes a unit.
  public init(executable: String, arguments: [String]) {
    self.executable = executable
    self.arguments = arguments
  }

  /// The unit file's name.
  public static let fileName = "earshot.service"

  /// The unit file.
  public var text: String {
    """
    [Unit]
    Description=Earshot automation runner
    StartLimitIntervalSec=60
    StartLimitBurst=5

    [Service]
    Type=notify
    NotifyAccess=main
    ExecStart=\(([executable] + arguments).map(Self.quoted).joined(separator: " "))
    ExecReload=/bin/kill -HUP $MAINPID
    Restart=on-failure
    RestartSec=1s
    RestartPreventExitStatus=64 65
    TimeoutStartSec=60s
    TimeoutStopSec=90s
    WatchdogSec=30s
    KillMode=mixed
    UMask=0077
    NoNewPrivileges=yes
    LockPersonality=yes
    RestrictRealtime=yes
    RestrictSUIDSGID=yes
    RestrictNamespaces=yes
    SystemCallArchitectures=native
    SystemCallFilter=@system-service
    RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK

    [Install]
    WantedBy=default.target

    """
  }

  /// An argument as systemd reads it back: in quotes, with its own escapes and specifiers disarmed.
  ///
  /// See systemd.service(5), "Command lines", and systemd.unit(5), "Specifiers".
  static func quoted(_ argument: String) -> String {
    var result = "\""
    for scalar in argument.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "%": result += "%%"
      case "$": result += "$$"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
