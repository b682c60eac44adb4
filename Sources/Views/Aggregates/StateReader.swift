// SPDX-License-Identifier: Apache-2.0

public import DurableLog
public import EventModel
public import Rules

/// Makes states of the events of a log, also those of the past; not of aggregates in plugins, which `PluginStates` asks.
///
/// Safe to use from any thread. Memory is bounded by the greatest page and the state.
public struct StateReader: Sendable {
  private static let pageSize = 500

  private let log: any LogReading
  private let snapshots: SnapshotFile?

  /// Makes a reader; `snapshots` are used and made for long streams, if given.
  public init(_ log: any LogReading, snapshots: SnapshotFile? = nil) {
    self.log = log
    self.snapshots = snapshots
  }

  /// Which of a thing's states is meant.
  public enum Moment: Sendable, Hashable {
    /// The one after all events.
    case now
    /// The one after so many events; after all, if they are fewer.
    case version(Int64)
    /// The one after the events up to a position of the log.
    case position(LogPosition)
  }

  /// The stream of a thing.
  public static func stream(of key: String, _ aggregate: Aggregate) -> StreamName {
    StreamName(owner: aggregate.streamOwner, key: Array(key.utf8))
  }

  /// The state of a thing.
  ///
  /// - Throws: `LogFailure`; `AggregateFailure` when an event cannot be folded; `CommandFailure` for an aggregate of a plugin.
  public func state(of key: String, _ aggregate: Aggregate, at moment: Moment = .now) throws -> AggregateState
  {
    try Self.check(aggregate)
    let stream = Self.stream(of: key, aggregate)
    var state =
      snapshots?.state(of: stream, aggregate, notAfter: moment, in: log)
      ?? AggregateState(value: aggregate.initial, version: 0)
    let start = state.version
    while true {
      let limit = Self.room(moment, after: state.version)
      guard limit > 0 else { break }
      let page = try log.events(of: stream, after: state.version, limit: limit)
      for index in page.entries.indices {
        let position = page.entries[index].position
        if case .position(let last) = moment, position > last { return state }
        try Self.fold(Array(page.json(index)), at: position, into: &state, aggregate)
      }
      if page.entries.count < limit { break }
    }
    if moment == .now, state.version - start >= SnapshotFile.stride {
      snapshots?.keep(state, of: stream, aggregate, in: log)
    }
    return state
  }

  /// The state after one event of a page, from the state before it.
  public func state(_ state: AggregateState, after page: EventPage, _ index: Int, _ aggregate: Aggregate)
    throws -> AggregateState
  {
    try Self.check(aggregate)
    var state = state
    try Self.fold(Array(page.json(index)), at: page.entries[index].position, into: &state, aggregate)
    return state
  }

  /// Nothing but its plugin knows what an event makes of a state.
  private static func check(_ aggregate: Aggregate) throws(CommandFailure) {
    guard let plugin = aggregate.plugin else { return }
    let message =
      "the states of '\(aggregate.id)' are made by the plugin '\(plugin.plugin)', which only a host runs"
    throw CommandFailure(.failed, message)
  }

  /// How many events may be read at once up to a moment.
  static func room(_ moment: Moment, after version: Int64) -> Int {
    guard case .version(let wanted) = moment else { return pageSize }
    return Int(max(0, min(Int64(pageSize), wanted - version)))
  }

  /// Adds a recorded event to a state.
  static func fold(
    _ event: [UInt8],
    at position: LogPosition?,
    into state: inout AggregateState,
    _ aggregate: Aggregate
  ) throws {
    let document: JSONDocument
    do { document = try JSONDocument(event) } catch {
      throw LogFailure(.corrupt, "a recorded event is not JSON: \(error)")
    }
    state.value = try aggregate.state(after: document, from: state.value)
    state.version += 1
    state.position = position
  }
}
