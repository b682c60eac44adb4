// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import Expressions

/// Gathers what the files hold, and checks what spans them.
struct RuleAssembly {
  private(set) var rules: [Rule] = []
  private(set) var sourceDefinitions: [SourceDefinition] = []
  private(set) var listeners: [ListenerDefinition] = []
  private(set) var views: [ViewDefinition] = []
  private(set) var aggregates: [Aggregate] = []
  private(set) var settings = HostSettings()

  private let actions: any ActionCatalog
  private let sources: any SourceCatalog
  private var bag = DiagnosticBag()
  private var places: [String: Diagnostic.Location] = [:]
  private var calls = CallCheck()
  /// The aggregates and views that conditions look up, to be compared with those that are defined.
  private var lookups: [(use: StateUse, location: Diagnostic.Location)] = []
  /// The sources that triggers name, to be compared with those that are defined.
  private var named: [(name: String, location: Diagnostic.Location)] = []

  init(actions: any ActionCatalog, sources: any SourceCatalog) {
    self.actions = actions
    self.sources = sources
  }

  mutating func add(_ file: RuleFile) {
    var reader = NodeReader(source: SourceText(name: file.name, bytes: file.bytes))
    let (root, errors) = YAMLComposer.compose(file.bytes)
    for error in errors { reader.report(error) }
    if let root, root.content != .scalar(YAMLScalar(text: "", isPlain: true, contentStart: 0)),
      let draft = FileDraft.record.read(root, &reader)
    {
      add(draft, &reader)
    }
    bag.add(reader.bag)
  }

  private mutating func add(_ draft: FileDraft, _ reader: inout NodeReader) {
    if let (written, range) = draft.settings, isNew("settings", "", range, &reader) {
      settings = written.settings
    }
    for source in draft.sources {
      guard isNew("source", source.id, source.place, &reader) else { continue }
      guard let definition = source.value.definition(id: source.id, sources, &reader) else { continue }
      sourceDefinitions.append(definition)
    }
    for listener in draft.listeners {
      guard isNew("listener", listener.id, listener.place, &reader) else { continue }
      if !actions.pluginNames.contains(listener.id) {
        let help = Suggestion.help(for: listener.id, among: actions.pluginNames)
        reader.report(.unknownPlugin, "there is no plugin '\(listener.id)'", at: listener.place, help: help)
      }
      listeners.append(listener.value.definition(id: listener.id, &reader))
    }
    for view in draft.views { add(view, &reader) }
    for aggregate in draft.aggregates {
      guard isNew("aggregate", aggregate.id, aggregate.place, &reader) else { continue }
      guard let checked = aggregate.value.aggregate(id: aggregate.id, actions, &reader) else { continue }
      aggregates.append(checked)
    }
    for rule in draft.rules {
      guard isNew("rule", rule.id, rule.place, &reader) else { continue }
      for filter in rule.value.triggers.flatMap(\.filters) {
        named += filter.sourceNodes.map { ($0.text ?? "", Diagnostic.Location(reader.source, $0.range)) }
      }
      calls.note(rule.value, id: rule.id, reader)
      guard let checked = rule.value.rule(id: rule.id, actions, &reader) else { continue }
      rules.append(checked)
      guard let node = rule.value.condition else { continue }
      lookups += (checked.condition?.expression.stateUses ?? []).map { use, range in
        let place = node.place(of: range, in: reader.source)
        return (use, Diagnostic.Location(reader.source, place))
      }
    }
  }

  private mutating func add(_ view: Identified<ViewDraft>, _ reader: inout NodeReader) {
    // SQL takes no notice of capital letters.
    guard isNew("view", view.id.lowercased(), view.place, &reader) else { return }
    named += view.value.sourceNodes.map { ($0.text ?? "", Diagnostic.Location(reader.source, $0.range)) }
    let definition = view.value.definition(id: view.id, &reader)
    guard SQLName.check(view.id, at: view.place, &reader), let definition else { return }
    views.append(definition)
  }

  private mutating func isNew(
    _ kind: String,
    _ id: String,
    _ place: Range<Int>,
    _ reader: inout NodeReader
  ) -> Bool {
    let location = Diagnostic.Location(reader.source, place)
    guard let first = places.updateValue(location, forKey: "\(kind) \(id)") else { return true }
    let note = Diagnostic.Note("it is defined here first", at: first)
    let message = id.isEmpty ? "there are \(kind) already" : "there is already a \(kind) '\(id)'"
    reader.report(.duplicateID, message, at: place, notes: [note])
    return false
  }

  /// Warns of sources that look like a misspelt id, and gives everything that was found.
  mutating func finish() -> DiagnosticBag {
    let known = sourceDefinitions.map(\.id)
    for (name, location) in named where !known.contains(name) {
      guard let closest = Suggestion.closest(to: name, among: known) else { continue }
      bag.add(
        Diagnostic(
          RuleCode.unknownSource.rawValue,
          "no file defines a source '\(name)'",
          at: location,
          severity: .warning,
          help: "did you mean '\(closest)'?"
        )
      )
    }
    named = []
    for (use, location) in lookups { checkLookup(use, location) }
    lookups = []
    calls.report(into: &bag)
    return bag
  }

  /// Checks that what a condition looks up is there and can be looked up.
  private mutating func checkLookup(_ use: StateUse, _ location: Diagnostic.Location) {
    let known = use.kind == .view ? views.map(\.id) : aggregates.map(\.id)
    let name = use.kind == .view ? use.name.lowercased() : use.name
    if places["\(use.kind.rawValue) \(name)"] == nil {
      let code = use.kind == .view ? RuleCode.unknownView : .unknownAggregate
      let message = "there is no \(use.kind.rawValue) '\(use.name)'"
      let help = Suggestion.help(for: use.name, among: known)
      return bag.add(Diagnostic(code.rawValue, message, at: location, help: help))
    }
    if use.kind == .aggregate, let plugin = aggregates.first(where: { $0.id == use.name })?.plugin {
      let message =
        "the states of '\(use.name)' are made by the plugin '\(plugin.plugin)', which conditions cannot wait for"
      let help = "let the plugin emit an event that says what the condition is about"
      bag.add(Diagnostic(RuleCode.pluginState.rawValue, message, at: location, help: help))
    }
    guard use.kind == .view, let view = views.first(where: { $0.id == use.name }), !view.canBeLookedUp else {
      return
    }
    let message = "the view '\(use.name)' follows the log at its own pace, so a condition cannot look at it"
    let help = "say 'consistency: inline' in the view"
    bag.add(Diagnostic(RuleCode.combination.rawValue, message, at: location, help: help))
  }
}
