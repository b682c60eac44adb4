// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import Expressions

/// An awaited event as written.
struct AwaitDraft {
  let range: Range<Int>
  private var filter = FilterDraft()
  private var by: YAMLNode?
  private var key: YAMLNode?
  private var condition: YAMLNode?
  private var within: YAMLNode?

  static let record = Record(
    "an awaited event",
    make: { AwaitDraft(range: $0) },
    fields: FilterDraft.fields { draft, change in change(&draft.filter) } + [
      Field("by", "What tells the events apart, in CEL.", .node(["type": "string"])) { $0.by = $1 },
      Field(
        "key",
        "Which value of `by` is meant; by default that of the event that the run reacts to.",
        .node([:])
      ) { $0.key = $1 },
      Field(
        "condition",
        "What else must hold, in CEL: `event` is the awaited one, `trigger` that which the run reacts to.",
        .node(["type": ["string", "boolean"]])
      ) { $0.condition = $1 },
      Field("within", "How long the step waits.", .node(["type": "string"])) { $0.within = $1 },
    ]
  )

  /// The awaited event, or nil after a report.
  func event(
    of rule: String,
    after earlier: ExpressionEnvironment.EarlierSteps,
    otherwise: Int?,
    _ reader: inout NodeReader
  ) -> Step.Await? {
    let start = range.lowerBound..<range.lowerBound + 1
    guard filter.firstNode != nil else {
      let help = "give its type, source or a pattern it matches"
      reader.report(.combination, "it is not said which event is awaited", at: start, help: help)
      return nil
    }
    if let key, by == nil {
      reader.report(.combination, "'key' needs 'by'", at: key.range, help: "say what has this value")
      return nil
    }
    let filter = filter.trigger(&reader)
    let by = KeyReader.key(by, &reader)
    let environment = ExpressionEnvironment.step(after: earlier, allowsSecrets: false)
    let templates = TemplateReader(environment: environment)
    let key = key.map { templates.value($0, &reader) }
    let within = within.map { self.within($0, templates, &reader) }
    let awaiting = ExpressionEnvironment.awaiting(after: earlier)
    let condition = condition.map { ConditionReader.condition($0, in: awaiting, &reader) }
    if case .some(nil) = by { return nil }
    if case .some(nil) = key { return nil }
    if case .some(nil) = within { return nil }
    if case .some(nil) = condition { return nil }
    return Step.Await(
      filter: filter,
      by: by ?? nil,
      key: key ?? nil,
      condition: condition ?? nil,
      within: within ?? nil,
      otherwise: otherwise,
      site: "\(rule)/await/\(Windowing.hash(by: by ?? nil, elements: [filter]))"
    )
  }

  private func within(
    _ node: YAMLNode,
    _ templates: TemplateReader,
    _ reader: inout NodeReader
  ) -> ValueTemplate? {
    guard node.text != nil else {
      reader.expected("a duration such as 2h", node)
      return nil
    }
    guard let value = templates.text(node, &reader) else { return nil }
    guard value.constantJSON == nil || Shape<Duration>.positiveDuration.read(node, &reader) != nil else {
      return nil
    }
    return value
  }
}
