// SPDX-License-Identifier: Apache-2.0

/// What a plugin does instead of answering; each deed ends its process, by itself or by force.
enum HostileDeed: String, CaseIterable, Sendable {
  case exit, fault, abort, halfLine, endlessLine, nonsense, silence, flood, deafness, unknownID

  /// What is done with a request.
  private var answer: String {
    switch self {
    case .exit: "exit 3"
    case .fault: "kill -SEGV $$"
    case .abort: "kill -ABRT $$"
    case .halfLine: #"printf '{"kind":"ack","id":'; exit 0"#
    case .endlessLine: "head -c 5000000 /dev/zero"
    case .nonsense: "echo nonsense"
    case .silence: "exit 4"
    case .flood: #"echo asked >&2; yes '{"kind":"noise"}'"#
    case .deafness: "echo asked >&2; exec 0<&-; sleep 1000"
    case .unknownID: #"echo '{"kind":"ack","id":999999}'; echo asked >&2"#
    }
  }

  /// Whether the process goes on until it is ended; it says `asked` on standard error.
  var hangs: Bool { [.silence, .flood, .deafness, .unknownID].contains(self) }

  /// What the host says of the end.
  var reason: String {
    switch self {
    case .exit: "ended: exit status 3"
    case .fault: "ended: signal 11"
    case .abort: "ended: signal 6"
    case .halfLine: "ended: exit status 0"
    case .endlessLine: "broke the protocol: a line is too long"
    case .nonsense: "broke the protocol: not JSON"
    case .silence: "broke the protocol: it does not say what it is"
    case .flood, .deafness, .unknownID: "broke the protocol: it does not react to a cancellation"
    }
  }

  /// The whole plugin, which is called like the deed.
  var script: String {
    let greeting =
      self == .silence ? "echo asked >&2; sleep 1000" : PluginScript.hello(rawValue)
    return PluginScript.text(greeting, answer)
  }
}

/// Plugins as shell scripts.
enum PluginScript {
  static func hello(_ name: String) -> String {
    #"echo '{"kind":"hello","protocol":1,"name":"\#(name)","version":"1","actions":[{"name":"go"}]}'"#
  }

  /// A plugin that greets and does something with each request, which is in `line`.
  static func text(_ greeting: String, _ answer: String) -> String {
    """
    #!/bin/sh
    ulimit -c 0
    \(greeting)
    while read -r line; do
      case "$line" in *'"kind":"run"'*) \(answer);; *'"kind":"stop"'*) exit 0;; esac
    done
    """
  }
}
