// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// The state of one thing.
public struct AggregateState: Sendable, Hashable {
  /// The state; what the events made of it.
  public var value: JSONValue
  /// How many events that were.
  public var version: Int64
  /// The position of the last one, as far as it is committed.
  public var position: LogPosition?

  /// Makes a state.
  public init(value: JSONValue, version: Int64, position: LogPosition? = nil) {
    self.value = value
    self.version = version
    self.position = position
  }
}
