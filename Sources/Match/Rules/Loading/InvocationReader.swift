// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import Expressions
import PluginWire

/// Reads actions of plugins.
struct InvocationReader {
  let catalog: any ActionCatalog
  /// What the parameters may speak of.
  let earlier: ExpressionEnvironment.EarlierSteps

  /// `run: [argv]` is short for the action `command.run`.
  func command(_ argv: YAMLNode, _ reader: inout NodeReader) -> Step.Action? {
    guard case .sequence(let words) = argv.content, !words.isEmpty else {
      let help = "write it as a list of words: [mv, a, b]"
      reader.expected("a command as a list", argv, help: help)
      return nil
    }
    guard catalog.plugin(named: "command")?.action(named: "run") != nil else {
      reader.report(.unknownPlugin, "the plugin 'command', which runs commands, is missing", at: argv.range)
      return nil
    }
    let templates = TemplateReader(environment: .step(after: earlier, allowsSecrets: false))
    let values = words.compactMap { word -> ValueTemplate? in
      guard word.text != nil else {
        reader.expected("a word of the command", word)
        return nil
      }
      return templates.text(word, &reader)
    }
    guard values.count == words.count else { return nil }
    let with = ValueTemplate.object([ValueTemplate.Member("run", .list(values))])
    return .invoke(plugin: "command", action: "run", with: with)
  }

  /// `uses: plugin.action`, with parameters.
  func invocation(_ uses: YAMLNode, with: YAMLNode?, _ reader: inout NodeReader) -> Step.Action? {
    guard let name = Shape.text.read(uses, &reader) else { return nil }
    let parts = name.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let plugin = catalog.plugin(named: parts[0]) else {
      let help = Suggestion.help(for: parts[0], among: catalog.pluginNames)
      reader.report(.unknownPlugin, "there is no plugin '\(parts[0])'", at: uses.range, help: help)
      return nil
    }
    guard parts.count == 2, let action = plugin.action(named: parts[1]) else {
      let names = plugin.actions.map { "\(plugin.name).\($0.name)" }
      let word = parts.count == 2 ? parts[1] : ""
      let message = "the plugin '\(plugin.name)' has no action '\(word)'"
      reader.report(.unknownAction, message, at: uses.range, help: Suggestion.help(for: name, among: names))
      return nil
    }
    let checker = ParameterChecker(owner: name, allowsTemplates: true)
    let isRight = checker.check(with, action.parameters, at: uses.range, &reader)
    // Secrets go to plugins only, which keep them to themselves.
    let templates = TemplateReader(environment: .step(after: earlier, allowsSecrets: true))
    let value = with.map { templates.value($0, &reader) } ?? .object([])
    guard isRight, let value else { return nil }
    return .invoke(plugin: plugin.name, action: action.name, with: value)
  }
}
