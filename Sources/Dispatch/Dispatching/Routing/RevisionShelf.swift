// SPDX-License-Identifier: Apache-2.0

import DurableLog
import Rules
import Synchronization

/// The rules of every revision that open runs were made under.
///
/// The present revision is at hand; an older one is fetched when a run needs it. Safe to use from any thread.
final class RevisionShelf: Sendable {
  private let fetch: @Sendable (_ revision: String) throws(LogFailure) -> RuleSet?
  private struct State {
    /// By revision; nil for one that cannot be had.
    var known: [String: [String: Rule]?] = [:]
    /// The rule asked for last: the same one often comes many times in a row.
    var last: (names: RunNames, rule: Rule)?
  }

  private let state = Mutex(State())

  init(fetch: @escaping @Sendable (_ revision: String) throws(LogFailure) -> RuleSet?) { self.fetch = fetch }

  /// Notes the present rules.
  func put(_ rules: RuleSet) {
    state.withLock { state in
      state.known[rules.revision] = Self.byID(rules)
      state.last = nil
    }
  }

  /// The rule that has made a run; nil when the revision or the rule is not to be had.
  func rule(of names: RunNames) throws(LogFailure) -> Rule? {
    if let last = state.withLock({ $0.last }), last.names == names { return last.rule }
    guard let rule = try rules(of: names.revision)?[names.rule] else { return nil }
    state.withLock { $0.last = (names, rule) }
    return rule
  }

  private func rules(of revision: String) throws(LogFailure) -> [String: Rule]? {
    if let rules = state.withLock({ $0.known[revision] }) { return rules }
    let rules = try fetch(revision).map(Self.byID)
    state.withLock { $0.known[revision] = .some(rules) }
    return rules
  }

  private static func byID(_ rules: RuleSet) -> [String: Rule] {
    Dictionary(rules.rules.map { ($0.id, $0) }) { first, _ in first }
  }
}
