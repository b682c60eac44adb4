// SPDX-License-Identifier: Apache-2.0

/// The runs of a rule that wait for a listener: those that are handed out in their order.
public struct LaneName: Sendable, Hashable {
  /// The listener.
  public let listener: String
  /// The rule.
  public let rule: String

  /// Names a lane.
  public init(listener: String, rule: String) {
    self.listener = listener
    self.rule = rule
  }
}

extension Run {
  /// The lane in which the run waits, or would.
  public var lane: LaneName { LaneName(listener: listener, rule: rule) }
}
