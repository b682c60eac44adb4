// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Expressions
import Rules

/// Looks for the event that a run waits for among those that were recorded before it began to.
struct AwaitSearch {
  private let step: CurrentStep
  private let site: Step.Await
  private let key: [UInt8]
  private let surroundings: ScopeSurroundings
  private let clock: any HostClock
  private var matcher: BatchMatcher

  init(
    _ step: CurrentStep,
    _ site: Step.Await,
    key: [UInt8],
    in surroundings: ScopeSurroundings,
    _ clock: any HostClock
  ) {
    self.step = step
    self.site = site
    self.key = key
    self.surroundings = surroundings
    self.clock = clock
    matcher = BatchMatcher([site.filter.wholePattern])
  }

  /// The first event of a page that is the one, as the world sees it.
  mutating func find(in page: EventPage) throws -> [UInt8]? {
    for entry in page.entries.indices {
      matcher.match(0, of: try page.batch(entry, clock))
      guard !matcher.matched.isEmpty else { continue }
      var event: [UInt8] = []
      page.appendStamped(entry, to: &event)
      let document = try JSONDocument(event)
      if site.key(of: document, surroundings) == key, step.accepts(document, surroundings) { return event }
    }
    return nil
  }
}
