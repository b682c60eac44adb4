// SPDX-License-Identifier: Apache-2.0

public import Expressions

/// What must hold for a rule or a step.
///
/// There are three outcomes: it holds, it does not, or it has no value; an error is never taken for a "no".
public struct Condition: Sendable {
  /// Where a condition stands, both numbers counted from 1.
  public struct Place: Sendable, Hashable {
    /// The file by the name under which it was read.
    public let file: String
    /// The line.
    public let line: Int
    /// The column, in Unicode scalars.
    public let column: Int
  }

  /// What must be true.
  public let expression: Expression
  /// Where the expression begins.
  public let place: Place
}

/// What becomes of an event for which a rule's condition has no value.
public enum ConditionFailurePolicy: String, Sendable, CaseIterable {
  /// The rule is not run, and `earshot.rule.failed` says why.
  case fail
  /// The rule is not run, and only the count of failures tells of it.
  case skip
  /// The rule is run as if the condition held, and `earshot.rule.failed` says why.
  case match
}
