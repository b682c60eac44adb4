// SPDX-License-Identifier: Apache-2.0

import DurableLog
public import EventModel
import Foundation
import Projections
import Rules
import SQLiteLog

/// Questions about views, answered by the host or, when none runs, by reading their database as it is.
extension HostClient {
  /// All views, with how far each one is behind the log.
  public func views() async throws -> JSONValue {
    if isHostRunning { return try await send("GET", ["views"], [], body: nil) }
    return try await alone { try await $0.list() }
  }

  /// The rows of a view, or one of them.
  public func view(_ name: String, _ query: [(String, String)]) async throws -> JSONValue {
    if isHostRunning { return try await send("GET", ["views", name], query, body: nil) }
    return try await alone { try await $0.show(name, Dictionary(query) { $1 }) }
  }

  /// The rows of a view, or one of them, as they were at a position or time: folded from the log here, also beside a host.
  ///
  /// `progress` is called now and then with the position that was reached and the last one.
  public func pastView(
    _ name: String,
    at moment: String,
    _ query: [(String, String)],
    progress: @escaping @Sendable (Int64, Int64) -> Void
  ) async throws -> JSONValue {
    try await alone { views in
      let past = PastQuery(log: views.log, definitions: try views.definitions())
      return try past.answer(name, at: moment, Dictionary(query) { $1 }) { position, end in
        progress(position.rawValue, end.rawValue)
      }
    }
  }

  /// Has the host build a view anew.
  public func rebuildView(_ name: String) async throws { _ = try await post(["views", name, "rebuild"]) }

  /// Calls `body` with each row of a view that changes, until the host ends.
  public func followView(_ name: String, _ body: ([UInt8]) throws -> Void) async throws {
    try await follow(["follow", "views", name], [], body)
  }

  /// Answers a question in SQL, given as JSON.
  public func ask(_ question: JSONValue) async throws -> JSONValue {
    if isHostRunning { return try await post(["query"], body: Array(question.json.utf8)) }
    return try await alone { try await $0.ask(question) }
  }

  private func alone(_ body: (ViewQueries) async throws -> JSONValue) async throws -> JSONValue {
    guard FileManager.default.fileExists(atPath: paths.log) else {
      throw HostFailure("no host is running, and there is no log at \(paths.log)", status: 66)
    }
    do {
      let log = try LogReader(path: paths.log)
      let reader = ViewReader(path: paths.views, clock: SystemClock())
      let views = ViewQueries(reader: reader, log: log, keeper: nil) {
        // As the rules stand that were loaded last.
        let history = RuleHistory(log)
        guard let revision = try history.revision(at: log.lastPosition()) else { return [] }
        return RuleLoader.views(of: try history.files(of: revision) ?? [])
      }
      return try await body(views)
    } catch let refusal as LogQueries.Refusal {
      throw HostFailure(refusal.description, status: refusal.isMissing ? 66 : 64)
    } catch let failure as ViewFailure {
      throw HostFailure("\(failure)", status: failure.exitStatus)
    } catch let failure as LogFailure {
      throw HostFailure("\(failure)", status: 70)
    }
  }
}
