// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources

/// Appends events of another log, as `earshot log export` writes them.
///
///     line       the number of the first line, for messages; 1 unless it is given
///     trigger    true: the events are taken as if they had come just now, and rules see them
///     skip       true: lines that are no events are left out, and those behind them are still taken
///
/// Unless rules see them, events keep when they were recorded (`EventImport`). All events of a wish are one transaction,
/// up to the first line that is no event. The answer says how far it went: {"imported", "duplicates", "refused", "through",
/// "errors"}.
struct LogImport {
  private let log: any DurableLog
  private let clock: any HostClock
  private let firstLine: Int64
  private let isTriggering: Bool
  private let isSkipping: Bool
  /// How many errors are told in words.
  private static let mostErrors = 20

  init(_ log: any DurableLog, clock: any HostClock, hasRules: Bool, _ query: [String: String]) throws {
    self.log = log
    self.clock = clock
    firstLine = try LogQueries.number(query, "line") ?? 1
    isTriggering = query["trigger"] == "true"
    isSkipping = query["skip"] == "true"
    guard hasRules || !isTriggering else {
      throw LogQueries.Refusal(isMissing: false, description: "only a running host shows events to rules")
    }
  }

  func append(_ lines: [UInt8]) async throws -> JSONValue {
    var intake = EventIntake(form: .cloudEvents, defaultSource: "import", clock: clock)
    var found = EventImport()
    var errors: [JSONValue] = []
    var refused = 0
    var through = firstLine - 1
    for line in lines.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      if !line.allSatisfy(Self.isBlank) {
        do throws(EventError) {
          try append(Array(line), &intake, to: &found)
        } catch {
          refused += 1
          if errors.count < Self.mostErrors { errors.append(Self.json(error, line: through + 1)) }
          guard isSkipping else { break }
        }
      }
      through += 1
    }
    let outcomes = try await commit(found)
    let imported = outcomes.count { if case .appended = $0 { true } else { false } }
    // What is behind the last line break is a line only if there is something.
    if lines.last == UInt8(ascii: "\n"), refused == 0 || isSkipping { through -= 1 }
    return [
      "imported": .number("\(imported)"), "duplicates": .number("\(outcomes.count - imported)"),
      "refused": .number("\(refused)"), "through": .number("\(through)"), "errors": .array(errors),
    ]
  }

  private func commit(_ found: EventImport) async throws -> [AppendOutcome] {
    guard !found.events.isEmpty else { return [] }
    if isTriggering { return try await log.submit(LogChange(events: found.events)).outcomes }
    var change = LogChange()
    change.imported = found
    return try await log.submit(change).imported
  }

  private func append(_ line: [UInt8], _ intake: inout EventIntake, to found: inout EventImport)
    throws(EventError)
  {
    let stamped = try? JSONDocument(line)
    let recorded = stamped?.root["recordedtime"]?.string.flatMap(Timestamp.init(rfc3339:))
    var batch = EventBatch()
    // With what was stamped on it, the largest event is larger than an event may be.
    let isLarge = line.count > JSONLimits.event.maximumBytes
    let event = isLarge ? stamped.map(Self.unstamped) ?? line : line
    try intake.append(event.span, to: &batch)
    found.append(batch, recorded: recorded ?? clock.now())
  }

  /// An event without what the log stamps on it.
  private static func unstamped(_ event: JSONDocument) -> [UInt8] {
    guard case .object(let members) = JSONValue(event.root) else { return event.bytes }
    var bytes: [UInt8] = []
    JSONValue.object(members.filter { $0.key != "sequence" && $0.key != "recordedtime" })
      .appendJSON(to: &bytes)
    return bytes
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }

  private static func json(_ error: EventError, line: Int64) -> JSONValue {
    [
      "line": .number("\(line)"), "column": .number("\(error.offset + 1)"), "code": .string(error.code),
      "message": .string(error.message),
    ]
  }
}
