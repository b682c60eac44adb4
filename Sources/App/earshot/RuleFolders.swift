// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import EarshotHost
import Foundation
import PluginHost
import Rules

/// The rule files that a person named, or those of the standard place.
struct RuleFolders {
  private let paths: [String]

  init(_ paths: [String]) {
    let standard = RuleFiles.defaultPaths(
      environment: ProcessInfo.processInfo.environment,
      workingDirectory: FileManager.default.currentDirectoryPath
    )
    self.paths = paths.isEmpty ? standard : paths
  }

  /// Reads the files; ends the program with status 66 when that is not possible.
  func read() throws -> [RuleFile] {
    do {
      return try RuleFiles.read(paths)
    } catch let failure as RuleFiles.Failure {
      FileHandle.standardError.write(Data("earshot: \(failure)\n".utf8))
      throw ExitCode(66)
    }
  }

  /// Reads and checks the files; shows what is wrong and ends the program with status 65 when there is an error.
  func load(_ plugins: PluginOption) async throws -> (rules: RuleSet, catalog: PluginCatalog) {
    let catalog = await plugins.load()
    let (rules, bag) = RuleCheck(plugins: catalog).run(try read())
    let renderer = DiagnosticRenderer(usesColor: isatty(STDERR_FILENO) != 0)
    let shown = bag.sorted.map(renderer.picture)
    if !shown.isEmpty { FileHandle.standardError.write(Data((shown.joined(separator: "\n") + "\n").utf8)) }
    guard let rules else { throw ExitCode(65) }
    return (rules, catalog)
  }
}
