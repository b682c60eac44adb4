// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// An event as a window remembers it.
public struct Sighting: Sendable, Hashable {
  /// Where the event stands in the log.
  public let position: LogPosition
  /// The steady time of what is remembered, as a rule that of the event.
  public let time: Timestamp
  /// What the operator takes it for; each operator says what its places are.
  public let place: Int

  /// Notes an event.
  public init(_ position: LogPosition, at time: Timestamp, place: Int = 0) {
    self.position = position
    self.time = time
    self.place = place
  }

  /// The same event taken for something else.
  func moved(to place: Int) -> Sighting { Sighting(position, at: time, place: place) }
}

/// What a window gives to the rest of its rule: one reaction to one or several events.
public struct Firing: Sendable, Hashable {
  /// The event that stands for all: what `event` means in the rule.
  public let event: LogPosition
  /// All events of the reaction, ascending: what `events` means in the rule.
  public let events: [LogPosition]

  /// Makes a firing for `event` with all of its events.
  public init(_ event: LogPosition, of events: [LogPosition]) {
    self.event = event
    self.events = events
  }

  /// Makes a firing for the last of some events.
  init(lastOf window: [Sighting]) {
    let positions = window.map(\.position)
    self.init(positions[positions.count - 1], of: positions)
  }
}
