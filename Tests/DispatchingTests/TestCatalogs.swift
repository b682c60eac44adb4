// SPDX-License-Identifier: Apache-2.0

import EventModel
import EventSources
import PluginWire
import Rules

/// A plugin that takes anything.
struct TestPlugins: ActionCatalog {
  var pluginNames: [String] { ["shop"] }

  func plugin(named name: String) -> PluginDescription? {
    let pick = ActionDescription(name: "pick", summary: "", parameters: .any, effects: .none)
    let ship = ActionDescription(name: "ship", summary: "", parameters: .any, effects: .irreversible)
    return name == "shop" ? PluginDescription(name: "shop", version: "1", actions: [pick, ship]) : nil
  }
}

struct NoSources: SourceCatalog {
  var kinds: [String] { [] }
  func options(of kind: String) -> ParameterSchema? { nil }
  func problems(of kind: String, options: JSONValue) -> [OptionProblem] { [] }
}
