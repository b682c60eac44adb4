// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel

/// What people have done with a log, answered as JSON; the host does it in its log, and the command line in a log that no
/// host has open.
///
///     prune?before&type&after       forgets events before a position, a time or how long ago; of one type if given. Each
///                                   answer is of a part: {"events", "done", "seen"}, and `seen` is given as `after`
///     import?line&trigger&skip      appends events of another log, one JSON object a line (`LogImport`)
///
///     erase                         erases events; the body is {"positions": [1, 2], "reason": "…", "selected_by": "…"}, and the
///                                   answer {"erased", "needed", "already", "kept", "clean", "notice"?}
///
/// Each wish is one transaction or a few, so what asks goes on until all is done, and may be stopped at any time.
struct LogCare: Sendable {
  /// How many bytes a wish may hold.
  static let mostBytes = 8 << 20

  private let log: any DurableLog
  private let clock: any HostClock
  /// Whether events that are appended can be shown to rules.
  private let hasRules: Bool

  init(_ log: any DurableLog, clock: any HostClock, hasRules: Bool) {
    self.log = log
    self.clock = clock
    self.hasRules = hasRules
  }

  /// Does what is wished; nil when it is not known what that is.
  ///
  /// - Throws: `LogQueries.Refusal`, or `LogFailure`.
  func answer(_ wish: String, _ query: [String: String], body: [UInt8]) async throws -> JSONValue? {
    switch wish {
    case "prune": try await prune(query)
    case "import":
      try await LogImport(log, clock: clock, hasRules: hasRules, query).append(body)
    case "erase": try await erase(body)
    default: nil
    }
  }

  private func erase(_ body: [UInt8]) async throws -> JSONValue {
    guard let asked = try? JSONDocument(body).root, let list = asked["positions"]?.elements,
      let reason = asked["reason"]?.string, let selection = asked["selected_by"]?.string
    else {
      let help = "say which events, and why: {\"positions\": [1], \"reason\": \"…\", \"selected_by\": \"…\"}"
      throw LogQueries.Refusal(isMissing: false, description: help)
    }
    let positions = list.compactMap(\.int).map { LogPosition(rawValue: Int64($0)) }
    guard positions.count == list.count, positions.count <= Erasure.mostEvents else {
      let help = "at most \(Erasure.mostEvents) positions are erased at once"
      throw LogQueries.Refusal(isMissing: false, description: help)
    }
    var change = LogChange()
    change.erasure = Erasure(
      positions,
      reason: reason,
      selection: selection,
      keptTypes: Retention.keptTypes
    )
    let outcome = try await log.submit(change).erased ?? ErasureOutcome()
    var members: [JSONValue.Member] = [
      .init("erased", .number("\(outcome.erased.count)")),
      .init("needed", .array(outcome.needed.map { .number($0.description) })),
      .init("already", .number("\(outcome.already)")), .init("kept", .number("\(outcome.kept)")),
      .init("clean", .bool(outcome.isClean)),
    ]
    if let notice = outcome.notice { members.append(.init("notice", .number(notice.description))) }
    return .object(members)
  }

  private func prune(_ query: [String: String]) async throws -> JSONValue {
    guard let text = query["before"] else {
      throw LogQueries.Refusal(
        isMissing: false,
        description: "'before' is missing: give a position or a time"
      )
    }
    var before: LogPosition
    if let position = Int64(text), position >= 0 {
      before = LogPosition(rawValue: position)
    } else if let instant = Timestamp(text, before: clock.now()) {
      before = try log.firstPosition(from: instant)
    } else {
      throw LogQueries.Refusal(
        isMissing: false,
        description: "'\(text)' is neither a position nor a time: write 4711, 30d or 2026-01-31T07:00:00Z"
      )
    }
    before = min(before, try log.oldestInWindows() ?? before)
    var wish = Pruning(before: before, keptTypes: Retention.keptTypes)
    if let type = query["type"] {
      guard !Retention.keptTypes.contains(type) else {
        throw LogQueries.Refusal(isMissing: false, description: "events of type '\(type)' are always kept")
      }
      let after = try LogQueries.number(query, "after") ?? 0
      wish = Pruning(type: type, before: before, after: LogPosition(rawValue: after))
    }
    let outcome = try await log.submit(LogChange(pruning: wish)).pruned
    return [
      "events": .number("\(outcome?.events ?? 0)"), "done": .bool(outcome?.isDone ?? true),
      "seen": .number((outcome?.seen ?? .start).description),
    ]
  }
}
