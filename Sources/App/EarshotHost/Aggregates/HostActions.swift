// SPDX-License-Identifier: Apache-2.0

import PluginHost
import PluginWire
import Rules

/// What rules may call: the plugins, and what the host itself does in the way of a plugin.
struct HostActions: ActionCatalog {
  /// The name under which rules send commands to aggregates.
  static let aggregate = "aggregate"
  /// How many commands of rules are under way at most.
  static let credit = 64

  let plugins: PluginCatalog

  var pluginNames: [String] { (plugins.pluginNames + [Self.aggregate]).sorted() }

  func plugin(named name: String) -> PluginDescription? {
    name == Self.aggregate ? Self.description : plugins.plugin(named: name)
  }

  private static let description = PluginDescription(
    name: aggregate,
    version: "1",
    actions: [
      ActionDescription(
        name: "command",
        summary: "Asks a thing of an aggregate to change; fails when it refuses.",
        parameters: .object([
          .init("to", .string(allowed: []), isRequired: true, summary: "The thing, such as account/42."),
          .init("command", .string(allowed: []), isRequired: true, summary: "What is asked."),
          .init("data", .map(.any), isRequired: false, summary: "What else there is to say."),
        ]),
        // The step's key is the command's id, so it is answered once.
        effects: .idempotent
      )
    ]
  )
}
