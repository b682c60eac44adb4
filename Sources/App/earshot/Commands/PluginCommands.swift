// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import EventModel
import PluginHost
import PluginWire

/// `earshot plugin`: looks after plugins.
struct Plugin: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the plugins that rules can use, or begin a new one.",
    subcommands: [List.self, New.self]
  )

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the plugins, their actions and aggregates."
    )

    @OptionGroup var plugins: PluginOption
    @Flag(help: "Print the list as JSON.") var json = false

    func run() async throws {
      let catalog = await plugins.load()
      if json { return print(JSONValue.array(catalog.entries.map(Self.json)).json) }
      let rows = catalog.entries.flatMap { entry in
        entry.description.actions.map {
          ("\(entry.executable.name).\($0.name)", $0.effects.rawValue, $0.summary)
        }
          + entry.description.aggregates.map {
            ("\(entry.executable.name).\($0.name)", "aggregate", $0.summary)
          }
      }
      let width = rows.map(\.0.count).max() ?? 0
      for (name, effects, summary) in rows {
        let action = TerminalText.escaped(name).padded(to: width)
        print("\(action)  \(effects.padded(to: 12))  \(TerminalText.escaped(summary))")
      }
    }

    private static func json(_ entry: PluginCatalog.Entry) -> JSONValue {
      [
        "name": .string(entry.executable.name), "version": .string(entry.description.version),
        "path": .string(entry.executable.path), "actions": .array(entry.description.actions.map(\.json)),
        "aggregates": .array(entry.description.aggregates.map(\.json)),
      ]
    }
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
