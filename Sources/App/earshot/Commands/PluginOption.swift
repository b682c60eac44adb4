// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import EarshotHost
import EventModel
import Foundation
import PluginHost
import Processes

/// The option that names further plugin folders, the same for every command.
struct PluginOption: ParsableArguments {
  @Option(name: .customLong("plugins"), help: "A folder with plugins; may be given several times.")
  var folders: [String] = []

  /// The folders in which plugins are looked for.
  var standardFolders: [PluginFolder] {
    let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return PluginFolders.standard(
      named: folders,
      environment: ProcessInfo.processInfo.environment,
      program: program ?? CommandLine.arguments[0]
    )
  }

  /// Hears what every plugin says of itself; those that cannot be used are reported on standard error.
  func load() async -> PluginCatalog {
    let environment = ProcessInfo.processInfo.environment
    let catalog = await PluginCatalog.load(
      standardFolders,
      starter: SystemProcessStarter(),
      clock: SystemClock(),
      environment: environment
    )
    for failure in catalog.failures {
      FileHandle.standardError.write(Data("earshot: \(failure)\n".utf8))
    }
    return catalog
  }
}
