// SPDX-License-Identifier: Apache-2.0

import EventModel
import Rules

/// The sites at which runs may wait for events: those of the present rules, and those of older ones under which runs still
/// wait.
struct AwaitTable: Sendable {
  private(set) var sites: [Step.Await] = []
  private var matcher: BatchMatcher?

  init(_ rules: [Rule], _ older: [Step.Await] = []) {
    var names: Set<String> = []
    for site in rules.flatMap({ $0.steps.compactMap(\.awaited) }) + older
    where names.insert(site.site).inserted {
      sites.append(site)
    }
    matcher = Self.matcher(sites)
  }

  /// Adds a site that is not known yet: a run of older rules has begun to wait.
  mutating func add(_ site: Step.Await) {
    guard !sites.contains(where: { $0.site == site.site }) else { return }
    sites.append(site)
    matcher = Self.matcher(sites)
  }

  private static func matcher(_ sites: [Step.Await]) -> BatchMatcher? {
    sites.isEmpty ? nil : BatchMatcher(sites.map { $0.filter.wholePattern })
  }

  /// The sites at which an event of a batch comes in.
  mutating func sites(for index: Int, of batch: EventBatch) -> [Step.Await] {
    guard matcher != nil else { return [] }
    matcher?.match(index, of: batch)
    return matcher.map { $0.matched.map { sites[$0] } } ?? []
  }
}
