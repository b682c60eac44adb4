// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Foundation
import Projections
import Rules

/// What people and programs ask of the views, answered as JSON.
///
/// The host answers so over its control socket, and the command line when no host runs.
struct ViewQueries: Sendable {
  let reader: ViewReader
  let log: any LogReading
  /// What keeps the views; nil when no host runs.
  let keeper: ViewKeeper?
  /// The definitions that hold, as far as they are known.
  let definitions: @Sendable () throws -> [ViewDefinition]

  /// All views, with how far each one is behind the log.
  func list() async throws -> JSONValue {
    let end = try log.lastPosition()
    let newest = try log.events(from: end, limit: 1).entries.first?.recorded
    let definitions = try? definitions()
    return .array(
      try statuses().map { status in
        status.json(definitions?.first { $0.id == status.name }, end: end, newest: newest)
      }
    )
  }

  /// The rows of a view, or one of them; `query` may hold `key`, `after`, `limit`, and `at` for what was earlier.
  func show(_ name: String, _ query: [String: String]) async throws -> JSONValue {
    if let moment = query["at"] {
      let past = PastQuery(log: log, definitions: try definitions())
      let clock = SystemClock()
      let deadline = clock.uptime() + ViewQuestion.timeouts.greatest
      return try await onThread {
        try past.answer(name, at: moment, query) { position, end in
          if clock.uptime() > deadline { throw ViewFailure.tooLong(at: position, of: end) }
        }
      }
    }
    try await waitIfInline([name], within: ViewQuestion.timeouts.standard)
    let reached = try positions()[name] ?? .start
    if let key = query["key"] {
      let (position, row) = try await onThread { [reader] in try reader.row(of: name, key: key) }
      guard let row else {
        throw LogQueries.Refusal(isMissing: true, description: "the view '\(name)' has no row '\(key)'")
      }
      return ["view": .string(name), "position": .number(max(position, reached).description), "row": row]
    }
    let limit = try Self.limit(query)
    // One more than wanted, to tell whether there are more.
    let (position, rows) = try await onThread { [reader] in
      try reader.rows(of: name, after: query["after"], limit: limit + 1)
    }
    return [
      "view": .string(name), "position": .number(max(position, reached).description),
      "rows": .array(Array(rows.prefix(limit))), "more": .bool(rows.count > limit),
    ]
  }

  /// Answers a question in SQL, given as JSON: `sql`, and if wanted `limit`, `timeout` and `consistent_with`.
  func ask(_ json: JSONValue) async throws -> JSONValue {
    try await ask(try ViewQuestion(json))
  }

  /// Answers a question in SQL.
  func ask(_ question: ViewQuestion) async throws -> JSONValue {
    let clock = SystemClock()
    let deadline = clock.uptime() + question.timeout
    let views = try await onThread { [reader] in try reader.views(of: question) }
    try await waitIfInline(views, within: question.timeout)
    if let position = question.position {
      try await wait(for: views, at: position, within: deadline - clock.uptime())
    }
    let reached = try positions()
    let answer = try await onThread { [reader] in try reader.answer(question, until: deadline) }
    return answer.json(reached: reached, end: try log.lastPosition())
  }

  /// Begins to build a view anew.
  func rebuild(_ name: String) async throws -> JSONValue {
    guard let keeper, await keeper.rebuild(name) else {
      throw LogQueries.Refusal(isMissing: true, description: "there is no view '\(name)'")
    }
    return ["view": .string(name), "state": .string(ViewStatus.State.rebuilding.rawValue)]
  }

  /// Hears of the rows of a view that change.
  func follow(_ name: String) throws -> ViewFollower {
    guard let keeper, try keeper.statuses().contains(where: { $0.name == name }) else {
      throw LogQueries.Refusal(isMissing: true, description: "there is no view '\(name)'")
    }
    return keeper.follow(name)
  }

  private func statuses() throws -> [ViewStatus] {
    if let keeper { return try keeper.statuses() }
    return reader.isThere ? try reader.statuses().sorted { $0.name < $1.name } : []
  }

  /// How far the views have come, of which the last steps may not be written down when they have changed nothing.
  private func positions() throws -> [String: LogPosition] {
    Dictionary(try statuses().map { ($0.name, $0.position) }) { first, _ in first }
  }

  /// Waits for those views that promise to show what was acknowledged before.
  private func waitIfInline(_ views: Set<String>, within limit: Duration) async throws {
    guard let keeper else { return }
    let inline = try definitions().filter { views.contains($0.id) && $0.consistency == .inline }.map(\.id)
    guard !inline.isEmpty else { return }
    try await keeper.wait(for: Set(inline), at: log.lastPosition(), within: limit)
  }

  private func wait(for views: Set<String>, at position: LogPosition, within limit: Duration) async throws {
    if let keeper { return try await keeper.wait(for: views, at: position, within: max(limit, .zero)) }
    for status in try statuses() where views.contains(status.name) && status.position < position {
      throw ViewFailure.behind(status, position)
    }
  }

  static func limit(_ query: [String: String]) throws -> Int {
    guard let text = query["limit"] else { return LogQueries.standardLimit }
    guard let count = Int(text), count > 0 else {
      throw LogQueries.Refusal(isMissing: false, description: "'\(text)' is no number for 'limit'")
    }
    return min(count, LogQueries.greatestLimit)
  }

  /// Runs what blocks on a thread that nobody else needs.
  private func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value
  {
    try await withCheckedThrowingContinuation { continuation in
      Self.threads.addOperation { continuation.resume(with: Result { try body() }) }
    }
  }

  /// Few, so that questions leave the processors to the host.
  private static let threads: OperationQueue = {
    let queue = OperationQueue()
    queue.name = "earshot-questions"
    queue.maxConcurrentOperationCount = 4
    return queue
  }()
}
