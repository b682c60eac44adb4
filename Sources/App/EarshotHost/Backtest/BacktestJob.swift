// SPDX-License-Identifier: Apache-2.0

public import Dispatching
import DurableLog
public import EventModel
import Expressions
public import PluginHost
public import Rules
import SQLiteLog

/// Compares rules over the log of a host, beside it or without one.
public struct BacktestJob: Sendable {
  /// Why there is nothing to compare with.
  public enum Refusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// No rules were ever loaded.
    case noRules
    /// No revision has such a name, or several have; these there are, the newest last.
    case unknownRevision(String, known: [String])
    /// The rules of a revision cannot be used with the plugins that there are.
    case unusable(String)
    /// The rules in force have no such rule, or it does not say which rule it shadows.
    case noShadow(String)

    /// The reason in words.
    public var description: String {
      switch self {
      case .noRules: return "the log says of no rules that they were ever in force: give --against"
      case .unknownRevision(let name, let known):
        let list =
          known.isEmpty
          ? "none was ever loaded" : "the last ones are \(known.suffix(5).joined(separator: ", "))"
        return "no one revision has the name '\(name)': \(list)"
      case .unusable(let revision):
        return "the rules of revision \(revision) cannot be used with the plugins that there are"
      case .noShadow(let rule): return "no rule '\(rule)' that says what it 'shadows' was loaded"
      }
    }
  }

  private let log: LogReader
  private let plugins: PluginCatalog
  private let scope: ScopeSurroundings

  /// Opens the log at a path.
  public init(path: String, plugins: PluginCatalog, environment: [String: String]) throws {
    log = try LogReader(path: path)
    self.plugins = plugins
    scope = ScopeSurroundings(
      environment: SecretStore.open(environment),
      secrets: try SecretStore.load(environment: environment)
    )
  }

  /// The rules of a revision, by the beginning of its name; those that were loaded last for nil.
  public func rules(of name: String?) throws -> RuleSet {
    let known = try RuleHistory(log).revisions()
    guard let name else {
      guard let last = known.last else { throw Refusal.noRules }
      return try rules(named: last)
    }
    let found = Set(known.filter { $0.hasPrefix(name) })
    guard let revision = found.first, found.count == 1 else {
      throw Refusal.unknownRevision(name, known: known)
    }
    return try rules(named: revision)
  }

  private func rules(named revision: String) throws -> RuleSet {
    let rules = try RuleHistory(log).rules(of: revision, plugins: plugins, sources: SourceKinds())
    guard let rules else { throw Refusal.unusable(revision) }
    return rules
  }

  /// Compares a rule of those in force that has the mode shadow with the live rule that it names.
  public func compareShadow(_ id: String, since start: Timestamp?, now: Timestamp, examples: Int) throws
    -> (report: BacktestReport, live: String)
  {
    let rule = try rules(of: nil).rules.first { $0.id == id }
    guard let live = rule?.shadows else { throw Refusal.noShadow(id) }
    let comparison = ShadowComparison(of: id, with: live, over: log, scope: scope, examples: examples) {
      [log, plugins] revision throws(LogFailure) in
      try RuleHistory(log).rules(of: revision, plugins: plugins, sources: SourceKinds())
    }
    return (try comparison.run(from: try position(since: start), now: now), live)
  }

  private func position(since start: Timestamp?) throws -> LogPosition {
    try start.map { try log.firstPosition(from: $0) } ?? LogPosition(rawValue: 1)
  }

  /// Compares new rules with old ones over the events that were recorded at an instant or later, or over all, as if they were in
  /// force, and until another instant.
  public func run(
    _ rules: RuleSet,
    against old: RuleSet,
    since start: Timestamp?,
    until end: Timestamp,
    examples: Int,
    progress: (Backtest.Progress) -> Void
  ) async throws -> BacktestReport {
    let backtest = Backtest(
      rules,
      against: old,
      over: log,
      scope: scope,
      examples: examples,
      viewFolding: RowFolding()
    ) { [log, plugins] revision in
      (try? RuleHistory(log).rules(of: revision, plugins: plugins, sources: SourceKinds())) ?? nil
    }
    return try await backtest.run(from: try position(since: start), until: end, progress: progress)
  }
}
