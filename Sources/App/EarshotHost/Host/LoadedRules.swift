// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import PluginHost
import Rules

/// Rules that were read and found right, with the plugins that they were checked against.
struct LoadedRules: Sendable {
  let files: [RuleFile]
  let rules: RuleSet
  let catalog: PluginCatalog

  /// Reads the rules and the plugins anew.
  ///
  /// - Throws: `HostFailure` with all that is wrong, in words.
  static func load(_ configuration: HostConfiguration) async throws -> LoadedRules {
    let files: [RuleFile]
    do {
      files = try RuleFiles.read(configuration.rulePaths)
    } catch {
      throw HostFailure("\(error)", status: 66)
    }
    let catalog = await PluginCatalog.load(
      configuration.pluginFolders,
      starter: configuration.starter,
      clock: configuration.clock,
      environment: configuration.environment
    )
    for failure in catalog.failures { configuration.report("\(failure)") }
    let (rules, bag) = RuleCheck(plugins: catalog).run(files)
    guard let rules else {
      let text = bag.sorted.map(DiagnosticRenderer().picture).joined(separator: "\n")
      throw HostFailure(text, status: 65)
    }
    return LoadedRules(files: files, rules: rules, catalog: catalog)
  }
}
