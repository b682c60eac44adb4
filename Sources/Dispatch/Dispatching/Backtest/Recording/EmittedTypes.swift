// SPDX-License-Identifier: Apache-2.0

import EventModel
import Expressions
import Rules

/// The types of the events that rules emit by steps of their own, so that a side makes them anew.
struct EmittedTypes: Sendable {
  private var types: [String: Set<String>] = [:]
  private var all: Set<String> = []
  /// Rules with a type that depends on the event: whatever they emit is taken for their own.
  private var open: Set<String> = []

  /// Collects the types of some sets of rules.
  init(_ sets: [RuleSet]) {
    for rule in sets.flatMap(\.rules) {
      for step in rule.steps {
        guard case .emit(let event) = step.action else { continue }
        guard let type = event.member("type")?.constantJSON.flatMap({ try? JSONValue(json: $0) })?.string
        else {
          open.insert(rule.id)
          continue
        }
        types[rule.id, default: []].insert(type)
        all.insert(type)
      }
    }
  }

  /// Whether a rule makes events of a type itself; nil for any rule.
  func has(_ type: String, of rule: String?) -> Bool {
    guard let rule else { return all.contains(type) }
    return open.contains(rule) || types[rule]?.contains(type) == true
  }
}
