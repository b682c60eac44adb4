// SPDX-License-Identifier: Apache-2.0

public import DurableLog
public import EventModel
public import Expressions
public import Rules
import Synchronization

/// The states of things as they were at a position of the log, for conditions.
///
/// Folds the events of a stream up to there, from where it is remembered on. Looks up what a condition asks, so it is bound to
/// one event.
public final class PastStates: StateLookup {
  /// Reads the events of a stream behind a version.
  typealias Read = (_ stream: StreamName, _ version: Int64, _ limit: Int) throws -> EventPage

  private static let pageSize = 500

  private let aggregates: [Aggregate]
  private let position: LogPosition
  private let isComplete: @Sendable (Aggregate) -> Bool
  private let memory: StateMemory?
  private let source: Source
  /// Why the log could not be read, which is no matter of the condition.
  private let failed = Mutex<LogFailure?>(nil)

  /// Where events come from.
  ///
  /// Unchecked: a transaction belongs to the log's writer, on which the condition is evaluated that this was made for.
  private struct Source: @unchecked Sendable {
    let read: Read
  }

  init(
    of aggregates: [Aggregate],
    at position: LogPosition,
    isComplete: @escaping @Sendable (Aggregate) -> Bool,
    memory: StateMemory?,
    read: @escaping Read
  ) {
    self.aggregates = aggregates
    self.position = position
    self.isComplete = isComplete
    self.memory = memory
    source = Source(read: read)
  }

  /// The states that a log knows, whose streams have all their events.
  public convenience init(of aggregates: [Aggregate], at position: LogPosition, in log: any LogReading) {
    self.init(of: aggregates, at: position, isComplete: { _ in true }, memory: nil) {
      try log.events(of: $0, after: $1, limit: $2)
    }
  }

  /// Why the log could not be read, if that happened.
  var failure: LogFailure? { failed.withLock { $0 } }

  /// The state of a thing at the position.
  public func state(ofAggregate name: String, key: String) throws(EvaluationError) -> JSONValue {
    guard let aggregate = aggregates.first(where: { $0.id == name }) else {
      throw EvaluationError.withoutState("there is no aggregate '\(name)'")
    }
    guard isComplete(aggregate) else {
      throw EvaluationError.withoutState(
        "the events of the aggregate '\(name)' are still being looked through"
      )
    }
    let stream = StreamName(owner: aggregate.streamOwner, key: Array(key.utf8))
    do { return try state(of: stream, aggregate) } catch {
      if let failure = error as? LogFailure { failed.withLock { $0 = failure } }
      throw EvaluationError.withoutState(
        "the state of \(aggregate.subject(of: key)) cannot be made: \(error)"
      )
    }
  }

  private func state(of stream: StreamName, _ aggregate: Aggregate) throws -> JSONValue {
    let nothing = StateMemory.Entry(state: aggregate.initial, version: 0, position: nil)
    var entry = memory?.entry(of: stream, aggregate) ?? nothing
    // What is remembered may be of a later time than the event.
    let isLater = entry.position.map { $0 > position } ?? false
    if isLater { entry = nothing }
    while true {
      let page = try source.read(stream, entry.version, Self.pageSize)
      for index in page.entries.indices {
        guard page.entries[index].position <= position else { return entry.state }
        entry.state = try aggregate.state(after: JSONDocument(Array(page.json(index))), from: entry.state)
        entry.version += 1
        entry.position = page.entries[index].position
      }
      if page.entries.count < Self.pageSize { break }
    }
    if !isLater { memory?.keep(entry, of: stream, aggregate) }
    return entry.state
  }
}
