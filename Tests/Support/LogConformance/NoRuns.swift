// SPDX-License-Identifier: Apache-2.0

public import DurableLog
public import EventModel
public import EventSources

/// Makes no run of any event.
// The requirements are documented at the protocols.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
public struct NoRuns: EventRouter, CommitObserver {
  public init() {}

  public func route(
    _ events: EventBatch,
    outcomes: [AppendOutcome],
    at time: SteadyClock.Reading,
    in transaction: any RoutingTransaction
  ) -> EventBatch { EventBatch() }

  public func lookBack(
    for event: AwaitedEvent,
    of run: Run,
    at time: SteadyClock.Reading,
    in transaction: any RoutingTransaction
  ) throws {}

  public func change(
    _ window: StoredWindow,
    _ wish: WindowWish,
    at time: SteadyClock.Reading,
    in transaction: any RoutingTransaction
  ) -> EventBatch { EventBatch() }

  public func rolledBack() {}
  public func committed(_ commit: Commit) {}
}
