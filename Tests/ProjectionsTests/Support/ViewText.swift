// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import EventSources
import PluginWire
import Rules
import Testing

/// No plugins and no kinds of sources.
struct NoCatalog: ActionCatalog, SourceCatalog {
  var pluginNames: [String] { [] }
  func plugin(named name: String) -> PluginDescription? { nil }
  var kinds: [String] { [] }
  func options(of kind: String) -> ParameterSchema? { nil }
  func problems(of kind: String, options: JSONValue) -> [OptionProblem] { [] }
}

/// Views as they are written in a rule file.
enum ViewText {
  /// Reads the views of a file.
  static func views(_ text: String) throws -> [ViewDefinition] {
    let (rules, bag) = RuleLoader.load(
      [RuleFile(name: "views.yaml", bytes: Array(text.utf8))],
      actions: NoCatalog(),
      sources: NoCatalog()
    )
    let shown = bag.sorted.map(DiagnosticRenderer().picture).joined(separator: "\n")
    return try #require(rules, "\(shown)").views
  }

  /// The one view of a file.
  static func view(_ text: String) throws -> ViewDefinition { try #require(try views(text).first) }

  /// Orders as a shop tells of them.
  static let orders = """
    views:
      orders:
        key: event.data.order
        columns: { customer: text, total: real, status: text, items: integer, updated: time, tags: json }
        indexes: [status, [customer, updated]]
        events:
          OrderCreated:
            set: { customer: event.data.customer, total: event.data.total, status: "'new'", updated: event.time }
          OrderPaid: { set: { status: "'paid'" }, condition: has(row.key) }
          OrderCancelled: { delete: true }
          ItemAdded:
            append: { tags: event.data.tag }
            increment: { items: 1, total: event.data.price }
            condition: event.data.price > 0.0
    """
}
