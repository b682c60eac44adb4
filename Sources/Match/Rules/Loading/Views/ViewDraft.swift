// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import Expressions

/// A view as written.
struct ViewDraft {
  let range: Range<Int>
  private var description = ""
  private var key: YAMLNode?
  private var columns: [ColumnDraft] = []
  private var indexes: [[YAMLNode]] = []
  private(set) var events: [ViewEventDraft] = []
  private var onError = ViewErrorPolicy.skip
  private var consistency = ViewConsistency.async

  static let record = Record(
    "a view",
    make: { ViewDraft(range: $0) },
    fields: [
      Field("description", "What the view is for.", .text) { $0.description = $1 },
      Field("key", "Which row an event changes, in CEL: event.data.order", .node(["type": "string"])) {
        $0.key = $1
      },
      Field("columns", "What a row holds beside its key, by name.", .columns, isRequired: true) {
        $0.columns = $1
      },
      Field("indexes", "Columns by which rows are found quickly.", .list(.oneOrMore(.node([:])))) {
        $0.indexes = $1
      },
      Field("events", "How rows change, by the types of events.", .viewEvents, isRequired: true) {
        $0.events = $1
      },
      Field("on_error", "What becomes of an event for which a change has no value.", .word()) {
        $0.onError = $1
      },
      Field("consistency", "Whether a question sees every event that was acknowledged before it.", .word()) {
        $0.consistency = $1
      },
    ]
  )

  /// The sources that entries name.
  var sourceNodes: [YAMLNode] { events.flatMap(\.entries).flatMap(\.filter.sourceNodes) }

  func definition(id: String, _ reader: inout NodeReader) -> ViewDefinition? {
    let before = reader.bag.diagnostics.count
    let table = ViewTableDraft(columns, &reader)
    let indexes = indexes.compactMap { table.places(of: $0, &reader) }
    let isKeyWritten = key != nil
    let key = KeyReader.key(key, in: .viewKey, &reader) ?? nil
    let entries = events.flatMap { event in
      event.entries.compactMap {
        $0.entry(of: event.type, in: table, key: key, isKeyWritten: isKeyWritten, &reader)
      }
    }
    guard reader.bag.diagnostics.count == before else { return nil }
    return ViewDefinition(
      id: id,
      description: description,
      columns: table.columns,
      indexes: indexes,
      entries: entries,
      onError: onError,
      consistency: consistency,
      revision: ViewRevision.of(table.columns, indexes, entries, onError),
      streamOwner: StreamOwner.name(view: id, hash: ViewRevision.ofStreams(entries))
    )
  }
}

/// A column as written.
struct ColumnDraft {
  let name: YAMLNode
  let type: ColumnType
}

/// The entries for events of some types, as written.
struct ViewEventDraft {
  let type: YAMLNode
  let entries: [ViewEntryDraft]
}

extension Shape where Value == [ColumnDraft] {
  /// Columns by their names.
  static let columns = Shape(
    schema: ["type": "object", "additionalProperties": Shape<ColumnType>.word().schema]
  ) { node, reader in
    guard case .mapping(let members) = node.content else {
      reader.expected("a mapping from names to types", node, help: "write { status: text, total: real }")
      return nil
    }
    if members.isEmpty { reader.report(.range, "a view needs a column", at: node.range) }
    return members.map { member in
      // A column of an unknown type is there all the same, so that what speaks of it is not reported too.
      ColumnDraft(name: member.key, type: Shape<ColumnType>.word().read(member.value, &reader) ?? .json)
    }
  }
}

extension Shape where Value == [ViewEventDraft] {
  /// Entries, one or a list, by the types of events.
  static let viewEvents = Shape(
    schema: ["type": "object", "additionalProperties": Shape<[ViewEntryDraft]>.oneOrMore(entry).schema]
  ) { node, reader in
    guard case .mapping(let members) = node.content else {
      reader.expected("a mapping from types of events", node, help: "write { OrderCreated: { set: … } }")
      return nil
    }
    if members.isEmpty { reader.report(.range, "a view needs an event", at: node.range) }
    return members.compactMap { member in
      Shape<[ViewEntryDraft]>.oneOrMore(entry).read(member.value, &reader).map {
        ViewEventDraft(type: member.key, entries: $0)
      }
    }
  }

  private static let entry = ViewEntryDraft.record.shape
}
