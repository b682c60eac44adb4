// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import Expressions

/// An aggregate as written.
struct AggregateDraft {
  private var description = ""
  private var key: YAMLNode?
  private var initial: YAMLNode?
  private var evolve: [Identified<YAMLNode>] = []
  private var upcast: [UpcastDraft] = []
  private var commands: [Identified<CommandDraft>] = []

  static let record = Record(
    "an aggregate",
    make: { _ in AggregateDraft() },
    fields: [
      Field("description", "What it is.", .text) { $0.description = $1 },
      Field(
        "key",
        "What tells the things apart, in CEL over `event`; by default the event's subject says it, as `account/42`.",
        .node(["type": "string"])
      ) { $0.key = $1 },
      Field("initial", "The state of a thing without events.", .node(["type": "object"])) {
        $0.initial = $1
      },
      Field(
        "evolve",
        "How an event changes the state, by the event's type: members with their new values, or the whole state, in CEL over `event` and `state`.",
        .byType(.node(["type": ["object", "string"]])),
        isRequired: true
      ) { $0.evolve = $1 },
      Field("upcast", "How older events are to be read.", .list(UpcastDraft.record.shape)) {
        $0.upcast = $1
      },
      Field("commands", "What can be asked.", .byID(CommandDraft.record.shape)) { $0.commands = $1 },
    ]
  )

  /// The aggregate, or nil after a report.
  func aggregate(id: String, _ reader: inout NodeReader) -> Aggregate? {
    let key = KeyReader.key(key, &reader) ?? nil
    let fields = fields
    let environment = ExpressionEnvironment.evolving(fields: fields)
    let values = ValueReader(environment: environment)
    var evolutions: [String: Aggregate.Evolution] = [:]
    for entry in evolve { evolutions[entry.id] = evolution(entry.value, values, &reader) }
    let initial = initialState(&reader)
    let upcasts = upcast.compactMap { $0.upcast(values, &reader) }
    let scope = AggregateParts(id: id, fields: fields, types: Set(evolve.map(\.id)))
    let commands = commands.compactMap { $0.value.command(named: $0.id, of: scope, &reader) }
    guard !reader.bag.hasErrors else { return nil }
    return Aggregate(
      id: id,
      description: description,
      key: key,
      initial: initial,
      evolutions: evolutions,
      upcasts: upcasts,
      commands: commands,
      foldHash: ShortHash.text(
        [key?.expression.text ?? "", initial.json] + evolve.map { "\($0.id)=\($0.value.json.json)" }
          + upcast.map(\.text)
      )
    )
  }

  /// The members that the state can have; nil when they are not known, since an expression makes all of it.
  private var fields: [String]? {
    var names: [String] = []
    if case .mapping(let members)? = initial?.content { names = members.map(\.name) }
    for entry in evolve {
      switch entry.value.content {
      case .mapping(let members): names += members.map(\.name)
      default: if entry.value.text?.trimmed != "state" { return nil }
      }
    }
    return names
  }

  private func initialState(_ reader: inout NodeReader) -> JSONValue {
    guard let initial else { return [:] }
    guard case .mapping = initial.content else {
      reader.expected("the members of the state with their values", initial)
      return [:]
    }
    return initial.json
  }

  private func evolution(_ node: YAMLNode, _ values: ValueReader, _ reader: inout NodeReader)
    -> Aggregate.Evolution?
  {
    if case .mapping = node.content { return values.members(node, &reader).map { .members($0) } }
    return values.value(node, &reader).map { .whole($0) }
  }
}

/// What the parts of an aggregate must know of the whole.
struct AggregateParts {
  let id: String
  /// The members of the state, if they are known.
  let fields: [String]?
  /// The types of events that change the state.
  let types: Set<String>
}

extension String {
  fileprivate var trimmed: String {
    String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }
}
