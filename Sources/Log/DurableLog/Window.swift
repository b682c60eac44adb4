// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// What a rule keeps for one key, between events and over restarts.
///
/// The log knows when it is due and nothing of what it holds.
public struct StoredWindow: Sendable, Hashable {
  /// Its number; not given to another one while a host lives.
  public var id: Int64
  /// The name of what keeps it, such as a rule's debounce.
  public var owner: String
  /// The key among the windows of its owner.
  public var key: [UInt8]
  /// When it is to be looked at, in steady time; never later than it must be.
  public var due: Timestamp
  /// What it holds.
  public var content: [UInt8]

  /// Makes a window.
  public init(id: Int64, owner: String, key: [UInt8], due: Timestamp, content: [UInt8]) {
    self.id = id
    self.owner = owner
    self.key = key
    self.due = due
    self.content = content
  }
}

/// What is to be done with windows.
public enum WindowWish: Sendable, Hashable {
  /// A window is opened, unless its owner has one for that key; `oldest` is the oldest event that it needs.
  case open(owner: String, key: [UInt8], due: Timestamp, content: [UInt8], oldest: LogPosition?)
  /// A window that stands for something that goes on by itself does its next part, of at most so many steps.
  case advance(Int64, limit: Int)
  /// Those that are due are looked at, the earliest first, at most so many.
  case closeDue(limit: Int)
  /// A person wants a window to fire now.
  case fire(Int64)
  /// A person wants a window to be due so much later.
  case extend(Int64, by: Duration)
  /// A person wants a window forgotten.
  case cancel(Int64)
  /// All windows of an owner are looked at again, since they may be due at another time now.
  case review(owner: String)
  /// All windows of an owner are forgotten, since nothing keeps them any more; at most so many.
  case forget(owner: String, limit: Int)
}

/// What became of an event at a rule that it triggered, when that does not follow from the event alone.
public struct Decision: Sendable, Hashable {
  /// The kinds of decisions.
  public enum Kind: UInt8, Sendable, CaseIterable {
    /// An equal event had passed shortly before.
    case deduplicated
    /// Too many had passed shortly before.
    case throttled
    /// Another event of the same window was reacted to instead.
    case superseded
    /// Too little else came in time.
    case expired
    /// What was expected after it has come.
    case answered
    /// The rule's mode did not let it begin beside other runs.
    case blocked
    /// A person, or a change of the rules, ended the window that held it.
    case forgotten
    /// It is one of several events of a run.
    case joined
    /// It tells of a file that a run of the rule has written.
    case own
  }

  /// The event.
  public var position: LogPosition
  /// The rule.
  public var rule: String
  /// What became of it.
  public var kind: Kind
  /// The run, if it has come to one.
  public var run: RunID?

  /// Notes a decision.
  public init(_ kind: Kind, of position: LogPosition, rule: String, run: RunID? = nil) {
    self.position = position
    self.rule = rule
    self.kind = kind
    self.run = run
  }
}
