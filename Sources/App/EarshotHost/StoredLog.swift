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
    /// Where the log is first not what was written, and why.
    public let damage: (position: LogPosition, reason: String)?

    /// The result for programs.
    public var json: JSONValue {
      var members: [JSONValue.Member] = [.init("events", .number(String(events)))]
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
    return Verification(events: result.events, damage: result.damage.map { ($0.position, $0.reason) })
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

  /// Calls `write` with events as newline-delimited JSON, stamped with position and time of recording.
  public func export(from position: LogPosition, write: ([UInt8]) throws -> Void) throws {
    try LogExport(path: path).forEachPage(from: position) { page in
      var lines: [UInt8] = []
      for index in page.entries.indices {
        page.appendStamped(index, to: &lines)
        lines.append(UInt8(ascii: "\n"))
      }
      try write(lines)
      return true
    }
  }
}
