// SPDX-License-Identifier: Apache-2.0

import Foundation
public import PluginHost

/// Where plugins are looked for.
public enum PluginFolders {
  /// The folders in the order in which they count: those named, the one of this program, the user's own.
  public static func standard(named: [String], environment: [String: String], program: String)
    -> [PluginFolder]
  {
    let data = environment["XDG_DATA_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    let own = (data ?? (environment["HOME"] ?? "") + "/.local/share") + "/earshot/plugins"
    let beside = URL(filePath: program).resolvingSymlinksInPath().deletingLastPathComponent().path
    return (named + [beside, own]).map(PluginFolder.init(path:))
  }
}
