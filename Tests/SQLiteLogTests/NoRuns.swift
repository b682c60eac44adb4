// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources

/// Makes no run of any event.
struct NoRuns: EventRouter, CommitObserver {
  func route(
    _ events: EventBatch,
    outcomes: [AppendOutcome],
    at time: SteadyClock.Reading,
    in transaction: any RoutingTransaction
  ) -> EventBatch { EventBatch() }

  func lookBack(
    for event: AwaitedEvent,
    of run: Run,
    at time: SteadyClock.Reading,
    in transaction: any RoutingTransaction
  ) throws {}

  func change(
    _ window: StoredWindow,
    _ wish: WindowWish,
    at time: SteadyClock.Reading,
    in transaction: any RoutingTransaction
  ) -> EventBatch { EventBatch() }

  func rolledBack() {}
  func committed(_ commit: Commit) {}
}
