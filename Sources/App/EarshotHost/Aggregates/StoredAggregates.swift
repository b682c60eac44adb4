// SPDX-License-Identifier: Apache-2.0

import Aggregates
import DurableLog
public import EventModel
public import PluginHost
import Rules
import SQLiteLog

/// Aggregates as the command line reads them when no host runs: by the rules that were loaded last.
public struct StoredAggregates: Sendable {
  private let queries: AggregateQueries

  /// Opens the log at `log`.
  ///
  /// - Throws: `LogFailure`; `HostFailure` when the rules cannot be had.
  public init(log path: String, plugins: PluginCatalog) throws {
    let log = try LogReader(path: path)
    let history = RuleHistory(log)
    guard let revision = try history.revision(at: log.lastPosition()),
      let rules = try history.rules(of: revision, plugins: plugins, sources: SourceKinds())
    else {
      throw HostFailure("the rules that were loaded last cannot be used with these plugins", status: 65)
    }
    queries = AggregateQueries(
      log: log,
      aggregates: rules.aggregates,
      reader: StateReader(log),
      plugins: nil,
      progress: { _ in nil }
    )
  }

  /// Answers a question about aggregates.
  ///
  /// - Throws: `HostFailure`, also for the states of aggregates in plugins; `LogFailure`.
  public func answer(_ path: [String], _ query: [String: String]) async throws -> JSONValue {
    do {
      guard let answer = try await queries.answer(path, query) else {
        throw HostFailure("there is nothing at this path", status: 66)
      }
      return answer
    } catch let refusal as LogQueries.Refusal {
      throw HostFailure(refusal.description, status: refusal.isMissing ? 66 : 64)
    } catch let failure as AggregateFailure {
      throw HostFailure("\(failure)", status: 1)
    }
  }
}
