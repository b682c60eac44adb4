// SPDX-License-Identifier: Apache-2.0

import EventModel
import EventSources
import PluginWire
import Rules

/// Three plugins: one that runs commands, one that sends mail, one that counts what there is.
struct TestActions: ActionCatalog {
  private static let plugins = [
    PluginDescription(
      name: "command",
      version: "1",
      actions: [
        ActionDescription(
          name: "run",
          summary: "Runs a command.",
          parameters: .object([
            .init("run", .list(.string(allowed: [])), isRequired: true),
            .init("env", .map(.string(allowed: [])), isRequired: false),
          ]),
          effects: .irreversible
        )
      ]
    ),
    PluginDescription(
      name: "shop",
      version: "1",
      actions: [],
      aggregates: [
        AggregateDescription(
          name: "stock",
          summary: "The pieces of an item.",
          events: ["stock.received", "stock.reserved"],
          commands: [
            .init(
              name: "Reserve",
              parameters: .object([.init("amount", .integer, isRequired: true)]),
              refused: "stock.refused"
            )
          ]
        ),
        AggregateDescription(name: "idle", events: [], commands: []),
        AggregateDescription(name: "vague", events: ["stock.*"], commands: []),
      ]
    ),
    PluginDescription(
      name: "email",
      version: "1",
      actions: [
        ActionDescription(
          name: "send",
          summary: "Sends a mail.",
          parameters: .object([
            .init("to", .list(.string(allowed: [])), isRequired: true, summary: "Who gets it."),
            .init("subject", .string(allowed: []), isRequired: true, summary: "What it is about."),
            .init("priority", .string(allowed: ["low", "high"]), isRequired: false),
            .init("copies", .integer, isRequired: false),
          ]),
          effects: .irreversible
        )
      ]
    ),
  ]

  var pluginNames: [String] { Self.plugins.map(\.name) }

  func plugin(named name: String) -> PluginDescription? { Self.plugins.first { $0.name == name } }
}

/// Files and timers; a timer's cron expression must have five words.
struct TestSources: SourceCatalog {
  var kinds: [String] { ["files", "timer"] }

  func options(of kind: String) -> ParameterSchema? {
    switch kind {
    case "files": .object([.init("paths", .list(.string(allowed: [])), isRequired: true)])
    case "timer": .object([.init("cron", .string(allowed: []), isRequired: false)])
    default: nil
    }
  }

  func problems(of kind: String, options: JSONValue) -> [OptionProblem] {
    guard let cron = options["cron"]?.string, cron.split(separator: " ").count != 5 else { return [] }
    return [OptionProblem(option: "cron", code: "cron-field-count", message: "five fields were expected")]
  }
}
