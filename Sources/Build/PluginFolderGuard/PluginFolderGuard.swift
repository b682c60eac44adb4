// SPDX-License-Identifier: Apache-2.0

import Foundation
import PackagePlugin

/// Fails the build when a folder in `Plugins/` is not among the targets that the manifest listed.
///
/// SwiftPM caches the evaluated manifest and does not look at directories, so a plain `swift build` right
/// after a plugin folder was added would silently leave it out. SwiftPM does run this on every build, even
/// with a stale manifest: it compares the folders with the target's dependencies and names the remedy.
@main struct PluginFolderGuard: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let root = context.package.directoryURL.appending(path: "Plugins")
    let known = Set(context.package.targets.map(\.name))
    for folder in try folders(in: root) where !known.contains("Listener" + folder.lastPathComponent) {
      let name = folder.lastPathComponent
      if name.wholeMatch(of: /[A-Z][A-Za-z0-9]*/) == nil {
        Diagnostics.error(
          "Plugins/\(name): a plugin folder is named in UpperCamelCase, letters and digits only"
        )
      } else {
        Diagnostics.error(
          "Plugins/\(name) is new: build with 'make build', which evaluates the manifest again"
        )
      }
    }
    return []
  }

  /// The folders of `Plugins/` that hold a `Sources` folder.
  private func folders(in root: URL) throws -> [URL] {
    let manager = FileManager.default
    guard manager.fileExists(atPath: root.path) else { return [] }
    return try manager.contentsOfDirectory(at: root, includingPropertiesForKeys: nil)
      .filter { manager.fileExists(atPath: $0.appending(path: "Sources").path) }
      .sorted { $0.path < $1.path }
  }
}
