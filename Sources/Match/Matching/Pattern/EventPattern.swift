// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// A compiled pattern: it matches if one of its conjunctions does.
public struct EventPattern: Sendable, Hashable {
  /// The conditions of one alternative.
  struct Conjunction: Sendable, Hashable {
    /// Ascending by path.
    var conditions: [Condition]
  }

  /// The values that a path may have.
  struct Condition: Sendable, Hashable {
    /// The keys that lead to the value, joined by dots.
    let path: [UInt8]
    /// Any one of them suffices.
    let allowed: [ValuePattern]
  }

  /// How many conjunctions `$or` may make of one pattern.
  public static let maximumConjunctions = 1000

  let conjunctions: [Conjunction]

  /// Compiles a pattern, a JSON object.
  public init(_ pattern: JSONValue) throws(PatternError) {
    guard case .object = pattern else { throw PatternError("a pattern is an object") }
    let alternatives = try PatternCompiler.compile(pattern)
    conjunctions = alternatives.map { alternative in
      let ordered = alternative.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      return Conjunction(conditions: ordered.map { Condition(path: Array($0.key.utf8), allowed: $0.value) })
    }
  }

  /// The pattern of all events with one of these types, or types that begin so, and one of these sources; none given
  /// means all.
  public init(types: [(text: String, isPrefix: Bool)], sources: [String]) {
    var conditions: [Condition] = []
    if !sources.isEmpty {
      conditions.append(
        Condition(path: Array("source".utf8), allowed: sources.map { .literal(.string(Array($0.utf8))) })
      )
    }
    if !types.isEmpty {
      let allowed = types.map { type -> ValuePattern in
        let text = Array(type.text.utf8)
        return type.isPrefix ? .text(.prefix(text)) : .literal(.string(text))
      }
      conditions.append(Condition(path: Array("type".utf8), allowed: allowed))
    }
    conjunctions = [Conjunction(conditions: conditions)]
  }

  /// The events that match both patterns.
  public func and(_ other: EventPattern) -> EventPattern {
    EventPattern(
      conjunctions: conjunctions.flatMap { left in
        other.conjunctions.map { right in
          let conditions = left.conditions + right.conditions
          return Conjunction(conditions: conditions.sorted { $0.path.lexicographicallyPrecedes($1.path) })
        }
      }
    )
  }

  private init(conjunctions: [Conjunction]) { self.conjunctions = conjunctions }
}
