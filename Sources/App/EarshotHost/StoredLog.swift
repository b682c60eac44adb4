// SPDX-License-Identifier: Apache-2.0

import DurableLog
public import EventModel
import SQLiteLog

/// The log on disk as the command line reads it, beside a running host or without one.
public struct StoredLog: Sendable {
  /// What a check of the log found.
  public struct Verification: Sendable {
    /// How many events are what was written.
    public let events: Int64
    /// How many of them are erased, and proved to be what stands in their place.
    public let erased: Int64
    /// Where the log is first not what was written, and why.
    public let damage: (position: LogPosition, reason: String)?

    /// The result for programs.
    public var json: JSONValue {
      var members: [JSONValue.Member] = [
        .init("events", .number(String(events))), .init("erased", .number(String(erased))),
      ]
      if let damage {
        members.append(
          .init(
            "damage",
            ["position": .number(damage.position.description), "reason": .string(damage.reason)]
          )
        )
      }
      return .object(members)
    }
  }

  private let path: String

  /// Names the database file.
  public init(path: String) { self.path = path }

  /// Checks every event; calls `progress` now and then.
  public func verify(progress: (Int64) -> Void) throws -> Verification {
    let result = try LogVerification(path: path, progress: progress)
    return Verification(
      events: result.events,
      erased: result.erased,
      damage: result.damage.map { ($0.position, $0.reason) }
    )
  }

  /// What the log holds, in numbers.
  public func numbers() throws -> LogNumbers {
    LogNumbers(try LogStatistics(path: path, now: SystemClock().now()))
  }

  /// What has happened since an instant, or since the log began, laid over what rules declare.
  public func graph(over declared: EventGraph, since start: Timestamp?) throws -> EventGraph {
    var observation = Observation(try LogReader(path: path), over: declared)
    return try observation.graph(since: start)
  }

  /// What one event has led to; nil when there is no such event.
  public func graph(ofEvent position: Int64) throws -> EventGraph? {
    var causation = CausationGraph(try LogReader(path: path))
    return try causation.graph(of: LogPosition(rawValue: position))
  }

  /// What one run has done; nil when there is no such run.
  public func graph(ofRun id: Int64) throws -> EventGraph? {
    var causation = CausationGraph(try LogReader(path: path))
    return try causation.graph(of: RunID(rawValue: id))
  }

  /// Calls `write` with the events that are asked for as newline-delimited JSON, stamped with position and time of recording;
  /// gives how many there are, and for how many a condition has no value.
  ///
  /// - Throws: `HostFailure` for a question that is wrong, or what `write` throws.
  public func export(_ query: [(String, String)], write: ([UInt8]) throws -> Void) throws
    -> (events: Int, unknown: Int)
  {
    let log = try LogReader(path: path)
    let limit = String(LogQueries.greatestLimit)
    // What is recorded meanwhile is not part of it.
    let now = SystemClock().now()
    var asked = [("order", "ascending"), ("paged", "true"), ("limit", limit)] + query
    if !query.contains(where: { $0.0 == "to" }) { asked.append(("to", try log.lastPosition().description)) }
    var count = (events: 0, unknown: 0)
    var next: LogPosition?
    repeat {
      let after = next.map { [("after", $0.description)] } ?? []
      let part: EventPart
      do {
        part = try EventSearch(Dictionary(asked + after) { $1 }, log, now: now).part(log)
      } catch let refusal as LogQueries.Refusal {
        throw HostFailure(refusal.description, status: 64)
      }
      var lines: [UInt8] = []
      for event in part.events { lines += event.json + [UInt8(ascii: "\n")] }
      try write(lines)
      count = (count.events + part.events.count, count.unknown + part.unknown)
      next = part.next
    } while next != nil
    return count
  }
}
