// SPDX-License-Identifier: Apache-2.0

import EventModel
import Expressions
public import Rules

extension EventGraph {
  /// What an emitted type is called that is only known when the rule runs.
  static let computed = "(computed)"

  /// What rules declare.
  public init(_ rules: RuleSet) {
    let emitted = Set(rules.rules.flatMap { rule in rule.steps.compactMap(\.emittedType) })
    let called = Set(rules.rules.flatMap(\.calls))
    for rule in rules.rules where rule.isEnabled || called.contains(rule.id) {
      let node = Node(.rule, rule.id)
      for filter in rule.filters {
        for type in filter.types.isEmpty ? [TypePattern("*")].compactMap({ $0 }) : filter.types {
          declare(Node(.type, type.name), node)
          // A rule that hears of many types hears of those that others emit.
          for other in emitted where type.isPrefix && other.hasPrefix(type.text) {
            declare(Node(.type, other), node)
          }
        }
      }
      for step in rule.steps {
        if case .invoke(let plugin, let action, _) = step.action {
          declare(node, Node(.action, "\(plugin).\(action)"))
          actions[rule.id, default: [:]][step.id] = "\(plugin).\(action)"
        }
        if case .call(let called, _)? = step.fork?.kind { declare(node, Node(.rule, called)) }
        if let type = step.emittedType { declare(node, Node(.type, type)) }
      }
    }
  }
}

extension Rule {
  /// The events that lead a run of the rule on: those that trigger it, and those that its steps await.
  fileprivate var filters: [Trigger] {
    triggers + joins.flatMap(\.elements) + steps.compactMap(\.awaited?.filter)
  }
}

extension Step {
  /// The type of the event that the step emits; nil when it emits none.
  fileprivate var emittedType: String? {
    guard case .emit(let event) = action else { return nil }
    return event.member("type")?.constantJSON.flatMap { try? JSONValue(json: $0) }?.string
      ?? EventGraph.computed
  }
}

extension TypePattern {
  /// The pattern as it is written.
  fileprivate var name: String { text + (isPrefix ? "*" : "") }
}
