// SPDX-License-Identifier: Apache-2.0

import Dispatching
import DurableLog
import EventModel
import Expressions
public import PluginHost
import Rules
import SQLiteLog

/// Asks the log why rules reacted to an event, or why they did not.
///
/// What decides is evaluated again, for the event as it was recorded and under the rules that were in force then.
public struct WhyQuestion: Sendable {
  private let log: LogReader
  private let plugins: PluginCatalog
  private let environment: [String: String]

  /// Asks the log in a file; `environment` is what conditions see as `env`.
  ///
  /// - Throws: `HostFailure` when the log cannot be read.
  public init(log path: String, plugins: PluginCatalog, environment: [String: String]) throws {
    do throws(LogFailure) { log = try LogReader(path: path) } catch {
      throw HostFailure("\(error)", status: 70)
    }
    self.plugins = plugins
    self.environment = environment
  }

  /// Explains every rule, or one, for the event at a position; what matched comes first, then the nearest misses.
  ///
  /// - Throws: `HostFailure` when the event, the rule, or the rules of that day are not to be had.
  public func answer(position: Int64, rule: String?) throws -> WhyAnswer {
    let place = LogPosition(rawValue: position)
    let page = try log.events(from: place, limit: 1)
    guard position > 0, page.entries.first?.position == place else {
      throw HostFailure("there is no event at position \(position)", status: 66)
    }
    var json: [UInt8] = []
    page.appendStamped(0, to: &json)
    let event = try JSONDocument(json)
    let record = try record(of: place)
    let history = RuleHistory(log)
    guard let revision = try history.revision(at: place) else {
      throw HostFailure("no rules had been loaded when the event was recorded", status: 66)
    }
    guard let rules = try history.rules(of: revision, plugins: plugins, sources: SourceKinds()) else {
      throw HostFailure("the rules of revision \(revision) need plugins that are not here", status: 69)
    }
    let wanted = rules.rules.filter { rule == nil || $0.id == rule }
    if wanted.isEmpty, let rule {
      throw HostFailure("there was no rule '\(rule)' in revision \(revision)", status: 66)
    }
    let surroundings = ScopeSurroundings(environment: environment, secrets: [:])
    let states = PastStates(
      of: .init(rules, folding: RowFolding()),
      at: place,
      in: log
    )
    let explanations = wanted.map { RuleExplanation($0, event, in: surroundings, states: states) }
    let ordered = explanations.enumerated().sorted { left, right in
      (-left.element.nearness, left.offset) < (-right.element.nearness, right.offset)
    }
    return WhyAnswer(
      event: JSONValue(event.root),
      revision: revision,
      explanations: ordered.map(\.element),
      record: record
    )
  }

  /// How many windows are looked into at most.
  private static let windowLimit = 10_000

  private func record(of position: LogPosition) throws -> WhyAnswer.Record {
    let pending = try PendingQuery(log).items(rule: nil, all: false, limit: Self.windowLimit)
    return WhyAnswer.Record(
      runs: try log.runs(of: position),
      decisions: try log.decisions(of: position),
      windows: pending.filter { item in
        guard case .window = item.id else { return false }
        return item.events.contains(position)
      },
      isImported: try log.wasImported(position)
    )
  }
}
