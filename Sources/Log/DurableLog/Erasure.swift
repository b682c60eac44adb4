// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// Which events are to be erased: what they say, and what runs have made of it.
///
/// An erased event keeps its position, its type, its source and when it was recorded; all else makes way for a tombstone
/// (`Tombstone`). The results of the runs that have reacted to it go with it: their outputs, reasons and keys, and what the
/// entries of their histories hold. That it was erased is an event (`ErasureNotice`) of the same commit. An event stays for as
/// long as a run reacts to it that is not over, and so do events of some types, and those of streams, from which the state of
/// something follows.
public struct Erasure: Sendable, Hashable {
  /// At how many events a log looks at most, so that others do not wait for long.
  public static let mostEvents = 500
  /// What stands for a reason that is erased.
  public static let erasedText = "erased"

  /// The events, ascending.
  public var positions: [LogPosition]
  /// Why, in the words of whoever wants it; stays in the log.
  public var reason: String
  /// By what the events were found, such as `subject`; never what that was.
  public var selection: String
  /// The types of events that are not erased.
  public var keptTypes: Set<String>

  /// Makes a wish; without events, only what was erased before is cleaned from the disk.
  public init(_ positions: [LogPosition], reason: String, selection: String, keptTypes: Set<String> = []) {
    precondition(positions.count <= Self.mostEvents, "so many events are not erased at once")
    self.positions = positions
    self.reason = reason
    self.selection = selection
    self.keptTypes = keptTypes.union([ErasureNotice.type])
  }
}

/// What a log has erased.
public struct ErasureOutcome: Sendable, Hashable {
  /// The events that are erased now.
  public var erased: [LogPosition] = []
  /// Those that stay since a run reacts to them that is not over.
  public var needed: [LogPosition] = []
  /// How many had been erased before.
  public var already = 0
  /// How many are of types that are not erased.
  public var kept = 0
  /// Where the event stands that tells of it; nil when nothing was erased.
  public var notice: LogPosition?
  /// Whether nothing of what was erased is left on the disk; otherwise somebody reads the log, and the same wish without
  /// events cleans it later.
  public var isClean = false

  /// Nothing yet.
  public init() {}
}
