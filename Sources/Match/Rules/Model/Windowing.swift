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
  /// Whose its windows are.
  public let owner: WindowOwner
}

/// Whose windows are: the name under which a log keeps them.
public struct WindowOwner: Sendable, Hashable {
  /// The rule.
  public let rule: String
  /// The part of the rule.
  public let kind: Windowing.Kind
  /// A hash of what must not change for a window to keep its meaning.
  ///
  /// So windows outlive a change of lengths and limits, but not one of the key or the events.
  public let hash: String
  /// Whether these are reactions that a throttle lets wait for their turn.
  public var isDelay = false

  /// The name.
  public var name: String { "\(rule)/\(kind.rawValue)/\(hash)" + (isDelay ? "/delayed" : "") }

  /// The owner of reactions that wait for their turn.
  public var delayed: WindowOwner {
    var owner = self
    owner.isDelay = true
    return owner
  }

  init(rule: String, kind: Windowing.Kind, hash: String) {
    self.rule = rule
    self.kind = kind
    self.hash = hash
  }

  /// The owner of a name; nil when it is none.
  public init?(name: String) {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 3 || parts.count == 4 && parts[3] == "delayed",
      let kind = Windowing.Kind(rawValue: parts[1])
    else { return nil }
    self.init(rule: parts[0], kind: kind, hash: parts[2])
    isDelay = parts.count == 4
  }
}

/// A trigger over several events.
public struct Join: Sendable {
  /// What becomes of the events.
  public let windowing: Windowing
  /// The events; their indices are the places of the windows' events.
  public let elements: [Trigger]
}
