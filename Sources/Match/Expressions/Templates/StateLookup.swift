// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// Where expressions find the states of things, as of the event that they look at.
public protocol StateLookup: AnyObject, Sendable {
  /// The state of a thing of an aggregate; that of one without events when nothing has happened to it.
  func state(ofAggregate name: String, key: String) throws(EvaluationError) -> JSONValue
}

extension Scope {
  /// The value behind `aggregate(…)`: by kind and name what looks up the things of that name.
  static func value(_ lookup: any StateLookup) -> Value {
    .map(
      MapValue { (owner) throws(EvaluationError) in
        guard case .string(let text) = owner, let name = aggregate(text.string) else { return nil }
        return .map(
          MapValue { (key) throws(EvaluationError) in
            Value(try lookup.state(ofAggregate: name, key: key.plainText))
          }
        )
      }
    )
  }

  private static func aggregate(_ owner: String) -> String? {
    owner.hasPrefix("aggregate/") ? String(owner.dropFirst(10)) : nil
  }
}

extension Expression {
  /// An aggregate whose states an expression asks for, and where in the expression's text that stands.
  public typealias StateUse = (aggregate: String, range: Range<Int>)

  /// The aggregates whose states the expression asks for, in the order of the text.
  public var stateUses: [StateUse] { syntax.stateUses }
}

extension Syntax {
  fileprivate var stateUses: [Expression.StateUse] {
    if case .index(let states, let owner, _) = kind,
      case .name(ExpressionEnvironment.states, _) = states.kind, case .literal(.string(let text)) = owner.kind
    {
      return [(String(text.string.drop { $0 != "/" }.dropFirst()), owner.range)]
    }
    return children.flatMap(\.stateUses)
  }
}

extension EvaluationError {
  /// Says why the state of a thing cannot be had.
  public static func withoutState(_ reason: String) -> EvaluationError { EvaluationError(.missing, reason) }
}
