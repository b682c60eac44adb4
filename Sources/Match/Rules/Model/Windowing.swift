// SPDX-License-Identifier: Apache-2.0

public import Expressions
public import Timing

/// What tells the events apart that a rule looks at together.
public struct Key: Sendable {
  /// The key of an event; any value that JSON can say.
  public let expression: Expression
  /// Where the expression begins.
  public let place: Condition.Place
}

/// A part of a rule that looks at several events, or at time, by keeping a window for each key.
public struct Windowing: Sendable {
  /// The kinds, by the keys under which they stand in a rule.
  public enum Kind: String, Sendable, CaseIterable {
    case debounce, throttle, collect, dedupe, sequence, all, threshold, absent
  }

  /// What kind it is.
  public let kind: Kind
  /// What its windows do.
  public let machine: any TimeOperator
  /// What has a window of its own; nil when one window is for all events.
  public let by: Key?
  /// The name under which its windows are kept.
  ///
  /// It is made of the rule, the kind, and a hash of what must not change for a window to keep its meaning. So windows
  /// outlive a change of lengths and limits, but not one of the key or the events.
  public let owner: String

  /// The name under which reactions wait for their turn, if a throttle delays them.
  public var delayOwner: String { owner + "/delayed" }
}

/// A trigger over several events.
public struct Join: Sendable {
  /// What becomes of the events.
  public let windowing: Windowing
  /// The events; their indices are the places of the windows' events.
  public let elements: [Trigger]
}
