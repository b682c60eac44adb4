// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import PluginWire

/// An aggregate as written: one that a file says all of, or one whose states a plugin makes.
enum AggregateForm {
  case written(AggregateDraft)
  case plugin(PluginAggregateDraft)

  static let shape = Shape<AggregateForm>(
    schema: ["anyOf": [AggregateDraft.record.shape.schema, PluginAggregateDraft.record.shape.schema]]
  ) { node, reader in
    guard case .mapping(let members) = node.content, members.contains(where: { $0.name == "uses" }) else {
      return AggregateDraft.record.read(node, &reader).map { .written($0) }
    }
    for member in members where own.contains(member.name) {
      reader.report(
        .combination,
        "'\(member.name)' does not go together with 'uses'",
        at: member.key.range,
        help: "the plugin says how events change the state, and what can be asked"
      )
    }
    let rest = YAMLNode(content: .mapping(members.filter { !own.contains($0.name) }), range: node.range)
    return PluginAggregateDraft.record.read(rest, &reader).map { .plugin($0) }
  }

  /// What an aggregate of a plugin does not say in a file.
  private static let own: Set = ["initial", "evolve", "upcast", "commands"]

  /// The aggregate, or nil after a report.
  func aggregate(id: String, _ actions: any ActionCatalog, _ reader: inout NodeReader) -> Aggregate? {
    switch self {
    case .written(let draft): draft.aggregate(id: id, &reader)
    case .plugin(let draft): draft.aggregate(id: id, actions, &reader)
    }
  }
}

/// An aggregate whose states a plugin makes, as written.
struct PluginAggregateDraft {
  private var description = ""
  private var uses: YAMLNode?
  private var key: YAMLNode?

  static let record = Record(
    "an aggregate of a plugin",
    make: { _ in PluginAggregateDraft() },
    fields: [
      Field("description", "What it is.", .text) { $0.description = $1 },
      Field(
        "uses",
        "The plugin's aggregate, which makes the states and decides on commands, such as shop.stock.",
        .node(["type": "string"]),
        isRequired: true
      ) { $0.uses = $1 },
      Field(
        "key",
        "What tells the things apart, in CEL over `event`; by default the event's subject says it, as `account/42`.",
        .node(["type": "string"])
      ) { $0.key = $1 },
    ]
  )

  /// The aggregate, or nil after a report.
  func aggregate(id: String, _ actions: any ActionCatalog, _ reader: inout NodeReader) -> Aggregate? {
    let key = KeyReader.key(key, &reader)
    guard let uses, let (plugin, found) = find(uses, actions, &reader) else { return nil }
    guard areTypes(found, uses, &reader) else { return nil }
    if case .some(nil) = key { return nil }
    let name = PluginAggregate(plugin: plugin.name, name: found.name)
    return Aggregate(
      id: id,
      description: description.isEmpty ? found.summary : description,
      key: key ?? nil,
      plugin: name,
      types: found.events,
      commands: found.commands.map { command in
        Aggregate.Command(
          name: command.name,
          description: command.summary,
          parameters: command.parameters,
          requirements: [],
          events: [],
          refusal: command.refused
        )
      },
      foldHash: ShortHash.text(["\(name)", plugin.version])
    )
  }

  /// What `plugin.aggregate` names.
  private func find(_ uses: YAMLNode, _ actions: any ActionCatalog, _ reader: inout NodeReader)
    -> (PluginDescription, AggregateDescription)?
  {
    guard let name = Shape.text.read(uses, &reader) else { return nil }
    let parts = name.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let plugin = actions.plugin(named: parts[0]) else {
      let help = Suggestion.help(for: parts[0], among: actions.pluginNames)
      reader.report(.unknownPlugin, "there is no plugin '\(parts[0])'", at: uses.range, help: help)
      return nil
    }
    guard parts.count == 2, let found = plugin.aggregate(named: parts[1]) else {
      let word = parts.count == 2 ? parts[1] : ""
      reader.report(
        .unknownAggregate,
        "the plugin '\(plugin.name)' has no aggregate '\(word)'",
        at: uses.range,
        help: plugin.aggregates.isEmpty
          ? nil : Suggestion.help(for: name, among: plugin.aggregates.map { "\(plugin.name).\($0.name)" })
      )
      return nil
    }
    return (plugin, found)
  }

  /// Whether the plugin names types of events, by which streams can be made.
  private func areTypes(_ found: AggregateDescription, _ uses: YAMLNode, _ reader: inout NodeReader) -> Bool {
    guard !found.events.isEmpty else {
      reader.report(.eventType, "the plugin names no event that changes '\(found.name)'", at: uses.range)
      return false
    }
    let types = found.events + found.commands.compactMap(\.refused)
    for type in types where TypePattern(type)?.isPrefix ?? true {
      let message = "the plugin names '\(type)', which is not the type of an event"
      reader.report(.eventType, message, at: uses.range)
      return false
    }
    return true
  }
}
