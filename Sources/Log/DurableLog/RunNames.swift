// SPDX-License-Identifier: Apache-2.0

/// What names a run, shared by the runs of a rule that wait for the same listener.
///
/// An object, since runs are handed on often and most of them have the same names.
public final class RunNames: Sendable, Hashable {
  /// The rule's id.
  public let rule: String
  /// The revision of the rules under which the run was made and will finish.
  public let revision: String
  /// The listener whose turn it is: whose plugin makes the current step.
  public let listener: String

  /// Puts names together.
  public init(rule: String, revision: String, listener: String) {
    self.rule = rule
    self.revision = revision
    self.listener = listener
  }

  /// Whether the names are the same.
  public static func == (left: RunNames, right: RunNames) -> Bool {
    left === right
      || (left.rule == right.rule && left.listener == right.listener && left.revision == right.revision)
  }

  /// Hashes the names.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(rule)
    hasher.combine(revision)
    hasher.combine(listener)
  }
}
