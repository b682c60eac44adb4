// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// How the runs of a rule get along with each other.
public struct RunMode: Sendable {
  /// The kinds.
  public enum Kind: String, Sendable, CaseIterable {
    /// While one goes on, no other begins.
    case single
    /// A new one takes the place of the one that goes on, which is cancelled.
    case restart
    /// They go on one after another.
    case queued
    /// They go on side by side.
    case parallel
    /// They go on side by side, and have no effect: it is only noted what they would have done.
    case shadow
  }

  /// What becomes of a run too many.
  public enum Exceeded: String, Sendable, CaseIterable {
    /// It does not begin, and `earshot why` says so.
    case skip
    /// It becomes a dead letter.
    case deadLetter = "dead_letter"
  }

  /// Which kind it is.
  public var kind = Kind.parallel
  /// How many there may be at once, those that wait included; nil for any number.
  public var max: Int?
  /// What becomes of one too many.
  public var exceeded = Exceeded.skip
  /// What has runs of its own; nil when all runs of the rule belong together.
  public var by: Key?

  /// Whether runs can do without knowing of each other.
  public var isFree: Bool { kind == .parallel && max == nil }
}

/// Which events a rule reacts to that is new.
public enum RuleStart: Sendable, Hashable {
  /// Those that are recorded from now on.
  case now
  /// All that the log holds, too.
  case beginning
  /// Those that were recorded from an instant on.
  case time(Timestamp)
  /// Those that were recorded in the time before.
  case last(Duration)
}
