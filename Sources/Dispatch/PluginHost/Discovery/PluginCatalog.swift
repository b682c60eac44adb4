// SPDX-License-Identifier: Apache-2.0

public import EventModel
import Foundation
public import PluginWire
public import Processes
public import Rules

/// The plugins of some folders and what each says of itself.
///
/// An immutable value; safe to use from any thread.
public struct PluginCatalog: Sendable {
  /// A plugin that can be used.
  public struct Entry: Sendable, Hashable {
    /// The executable.
    public let executable: PluginFolder.Executable
    /// What it says of itself.
    public let description: PluginDescription
  }

  /// The usable plugins by name.
  public let entries: [Entry]
  /// Why others cannot be used.
  public let failures: [PluginFailure]

  /// Starts every plugin of the folders once, hears what it says of itself and ends it.
  ///
  /// Where two folders hold plugins of one name, the first folder's counts. A plugin has `patience` to say hello.
  public static func load(
    _ folders: [PluginFolder],
    starter: any ProcessStarter,
    clock: any HostClock,
    environment: [String: String],
    patience: Duration = .seconds(10)
  ) async -> PluginCatalog {
    var executables: [String: PluginFolder.Executable] = [:]
    var failures: [PluginFailure] = []
    for folder in folders {
      do throws(PluginFailure) {
        for found in try folder.executables() where executables[found.name] == nil {
          executables[found.name] = found
        }
      } catch {
        failures.append(error)
      }
    }
    var entries: [Entry] = []
    let answers = await withTaskGroup(of: Result<Entry, PluginFailure>.self) { group in
      for executable in executables.values {
        // All at once: each is asleep for most of its start.
        group.addTask {
          let probe = PluginProbe(executable, starter, clock, environment)
          return await probe.description(patience: patience).map {
            Entry(executable: executable, description: $0)
          }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    for answer in answers {
      switch answer {
      case .success(let entry): entries.append(entry)
      case .failure(let failure): failures.append(failure)
      }
    }
    return PluginCatalog(
      entries: entries.sorted { $0.executable.name < $1.executable.name },
      failures: failures.sorted { $0.message < $1.message }
    )
  }
}

// The requirements are documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension PluginCatalog: ActionCatalog {
  public var pluginNames: [String] { entries.map(\.executable.name) }

  public func plugin(named name: String) -> PluginDescription? {
    entries.first { $0.executable.name == name }?.description
  }
}
