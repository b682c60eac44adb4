// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import EventSources

/// What one file holds, before names are looked up.
struct FileDraft {
  var sources: [Identified<SourceDraft>] = []
  var rules: [Identified<RuleDraft>] = []
  var listeners: [Identified<ListenerDraft>] = []
  var views: [Identified<ViewDraft>] = []
  var aggregates: [Identified<AggregateForm>] = []
  var settings: (SettingsDraft, range: Range<Int>)?

  static let record = Record(
    "a rule file",
    make: { _ in FileDraft() },
    fields: [
      Field("sources", "Where events come from.", .byID(SourceDraft.record.shape)) { $0.sources = $1 },
      Field("rules", "What is done when something happens.", .byID(RuleDraft.record.shape)) { $0.rules = $1 },
      Field("views", "Tables that are folded from events.", .byID(ViewDraft.record.shape)) { $0.views = $1 },
      Field("listeners", "How plugins are run.", .byID(ListenerDraft.record.shape)) { $0.listeners = $1 },
      Field(
        "aggregates",
        "What has a state that follows from events, and is asked by commands to change.",
        .byID(AggregateForm.shape)
      ) { $0.aggregates = $1 },
      Field("settings", "What holds for the host itself.", .placed(SettingsDraft.record.shape)) {
        $0.settings = $1
      },
    ]
  )
}

/// A source before its kind is looked up.
struct SourceDraft {
  var uses: YAMLNode?
  var with: YAMLNode?

  static let record = Record(
    "a source",
    make: { _ in SourceDraft() },
    fields: [
      Field("uses", "The kind of source.", .node(["type": "string"]), isRequired: true) { $0.uses = $1 },
      Field("with", "The options of that kind.", .node(["type": "object"])) { $0.with = $1 },
    ]
  )

  func definition(
    id: String,
    _ catalog: any SourceCatalog,
    _ reader: inout NodeReader
  ) -> SourceDefinition? {
    guard let uses, let kind = Shape.text.read(uses, &reader) else { return nil }
    guard let schema = catalog.options(of: kind) else {
      let help = Suggestion.help(for: kind, among: catalog.kinds)
      reader.report(.unknownKind, "there is no kind of source '\(kind)'", at: uses.range, help: help)
      return nil
    }
    let checker = ParameterChecker(owner: "a source of kind \(kind)", allowsTemplates: false)
    guard checker.check(with, schema, at: uses.range, &reader) else { return nil }
    let options = with?.json ?? [:]
    for problem in catalog.problems(of: kind, options: options) { report(problem, &reader) }
    return SourceDefinition(id: id, kind: kind, options: options)
  }

  private func report(_ problem: OptionProblem, _ reader: inout NodeReader) {
    var range = with?.range ?? uses?.range ?? 0..<0
    if case .mapping(let members)? = with?.content,
      let member = members.first(where: { $0.name == problem.option })
    {
      range = member.value.range
    }
    reader.report(problem, at: range)
  }
}
