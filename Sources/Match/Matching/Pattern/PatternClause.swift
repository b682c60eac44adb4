// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// One demand of a pattern, which can be looked at by itself; for explanations.
public struct PatternClause: Sendable, Hashable {
  /// The way to the value that is looked at, such as `data.total`; for an `$or` the way to what holds it.
  public let path: [String]
  /// What the value must be: a list of alternatives, or the list of an `$or`.
  public let expected: JSONValue
  /// The demand as a pattern of its own.
  public let pattern: JSONValue

  /// The demands of a pattern that was found right, in the order in which they were written.
  public static func clauses(of pattern: JSONValue) -> [PatternClause] { clauses(pattern, below: []) }

  private static func clauses(_ pattern: JSONValue, below path: [String]) -> [PatternClause] {
    guard case .object(let members) = pattern else { return [] }
    return members.flatMap { member -> [PatternClause] in
      if case .object = member.value { return clauses(member.value, below: path + [member.key]) }
      let isChoice = member.key == "$or"
      let inner = JSONValue.object([member])
      return [
        PatternClause(
          path: isChoice ? path : path + [member.key],
          expected: member.value,
          pattern: path.reversed().reduce(inner) { .object([JSONValue.Member($1, $0)]) }
        )
      ]
    }
  }

  /// Whether the demand is met by an event, looked at alone.
  public func holds(for event: JSONDocument) -> Bool {
    guard let compiled = try? EventPattern(pattern) else { return false }
    return !PatternMatcher([compiled]).matches(event.tape, event.bytes).isEmpty
  }

  /// The values that an event has at the path, through arrays, in the order of the text; none when it has none.
  public func values(in event: JSONDocument) -> [JSONValue] {
    var found = [event.root]
    for key in path {
      found = found.flatMap(Self.elements).compactMap { $0[key] }
    }
    return found.map(JSONValue.init)
  }

  private static func elements(_ view: JSONView) -> [JSONView] {
    view.kind == .array ? view.elements.flatMap(elements) : [view]
  }
}
