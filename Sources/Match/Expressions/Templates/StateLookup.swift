// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// Where expressions find the states of things, as of the event that they look at.
public protocol StateLookup: AnyObject, Sendable {
  /// The state of a thing of an aggregate; that of one without events when nothing has happened to it.
  func state(ofAggregate name: String, key: String) throws(EvaluationError) -> JSONValue

  /// The row of a view; null when there is none.
  func row(ofView name: String, key: String) throws(EvaluationError) -> JSONValue
}

extension Scope {
  /// The value behind `aggregate(…)` and `view(…)`: by kind and name what looks up the things of that name.
  static func value(_ lookup: any StateLookup) -> Value {
    .map(
      MapValue { (owner) throws(EvaluationError) in
        guard case .string(let text) = owner, let use = StateUse(text.string) else { return nil }
        return .map(
          MapValue { (key) throws(EvaluationError) in
            switch use.kind {
            case .aggregate: Value(try lookup.state(ofAggregate: use.name, key: key.plainText))
            case .view: Value(try lookup.row(ofView: use.name, key: key.plainText))
            }
          }
        )
      }
    )
  }
}

/// Whose states an expression asks for.
public struct StateUse: Sendable, Hashable {
  /// The kinds, by the names of the functions that ask.
  public enum Kind: String, Sendable, CaseIterable {
    case aggregate, view
  }

  /// What kind it is.
  public let kind: Kind
  /// Its name.
  public let name: String

  init?(_ owner: String) {
    let parts = owner.split(separator: "/", maxSplits: 1)
    guard parts.count == 2, let kind = Kind(rawValue: String(parts[0])) else { return nil }
    self.kind = kind
    name = String(parts[1])
  }
}

extension Expression {
  /// Whose states the expression asks for, and where in its text that stands, in the order of the text.
  public var stateUses: [(use: StateUse, range: Range<Int>)] { syntax.stateUses }
}

extension Syntax {
  fileprivate var stateUses: [(use: StateUse, range: Range<Int>)] {
    if case .index(let states, let owner, _) = kind,
      case .name(ExpressionEnvironment.states, _) = states.kind,
      case .literal(.string(let text)) = owner.kind, let use = StateUse(text.string)
    {
      return [(use, owner.range)]
    }
    return children.flatMap(\.stateUses)
  }
}

extension EvaluationError {
  /// Says why the state of a thing cannot be had.
  public static func withoutState(_ reason: String) -> EvaluationError { EvaluationError(.missing, reason) }
}
