// SPDX-License-Identifier: Apache-2.0

import Rules
import Synchronization

/// The rules of every revision that open runs were made under.
///
/// The present revision is at hand; an older one is fetched when a run needs it. Safe to use from any thread.
final class RevisionShelf: Sendable {
  private let fetch: @Sendable (_ revision: String) -> RuleSet?
  /// By revision; nil for one that cannot be had.
  private let known = Mutex<[String: [String: Rule]?]>([:])

  init(fetch: @escaping @Sendable (_ revision: String) -> RuleSet?) { self.fetch = fetch }

  /// Notes the present rules.
  func put(_ rules: RuleSet) {
    known.withLock { $0[rules.revision] = Self.byID(rules) }
  }

  /// The rule of a revision; nil when the revision or the rule is not to be had.
  func rule(_ id: String, of revision: String) -> Rule? {
    if let rules = known.withLock({ $0[revision] }) { return rules?[id] }
    let rules = fetch(revision).map(Self.byID)
    known.withLock { $0[revision] = .some(rules) }
    return rules?[id]
  }

  private static func byID(_ rules: RuleSet) -> [String: Rule] {
    Dictionary(rules.rules.map { ($0.id, $0) }) { first, _ in first }
  }
}
