// SPDX-License-Identifier: Apache-2.0

import DurableLog
public import EventModel
public import Rules
import Synchronization
import Timing

/// Streams of aggregates and of looked up views: which events belong to them is said when these are appended, and for a new aggregate, or one of
/// which another key or other types are said, by working through the events that were there before.
extension Dispatcher {
  /// Says that the streams of new aggregates have to be made; to be called before the rules are in force.
  public func beginStreams(_ rules: RuleSet) async throws {
    let first = RuleBeginning(next: LogPosition(rawValue: 1))
    let wishes = rules.streamKeepers.map { first.wish(ofOwner: $0.owner) }
    guard !wishes.isEmpty else { return }
    try await surroundings.log.submit(LogChange(windows: wishes))
  }

  /// The owners of streams that lack older events.
  func streamsBehind(_ rules: RuleSet) throws -> Set<String> {
    var found: Set<String> = []
    for owner in rules.streamKeepers.map(\.owner) {
      let window = try surroundings.log.windows(of: owner, limit: 1).first
      if try window.map({ try RuleBeginning($0.content).next != nil }) ?? true { found.insert(owner) }
    }
    return found
  }

  /// Whether an aggregate's streams have all their events.
  public func hasStreams(of aggregate: Aggregate) -> Bool {
    table.withLock {
      $0.streams.keeper(of: aggregate.streamOwner) != nil
        && !$0.streams.behind.contains(aggregate.streamOwner)
    }
  }

  /// How far the streams of an aggregate have come; nil when they have all events.
  public func streamProgress(of aggregate: Aggregate) throws -> LogPosition? {
    try surroundings.log.windows(of: aggregate.streamOwner, limit: 1).first.flatMap {
      try RuleBeginning($0.content).next
    }
  }

  /// Adds an event to the streams that it belongs to.
  static func extend(
    _ hits: [StreamTable.Hit],
    with occasion: Occasion,
    in transaction: any RoutingTransaction,
    _ clock: any HostClock,
    _ notices: inout EventBatch
  ) throws {
    for hit in hits {
      let event = try occasion.document()
      let keys = Result { () throws(AggregateFailure) in try hit.keeper.keys(of: event, matching: hit.parts) }
      switch keys {
      case .success(let keys):
        for key in keys {
          let stream = StreamName(owner: hit.keeper.owner, key: key)
          try transaction.extend(stream, with: occasion.firing.event)
        }
      case .failure(let failure):
        // At the hop limit the notice itself would prolong a loop.
        try? Emission.append(
          AggregateNotice(failure: failure, position: occasion.firing.event).event,
          from: "aggregates/\(failure.aggregate)",
          cause: event.root,
          clock: clock,
          to: &notices
        )
      }
    }
  }

  /// Does the next part of what makes the streams of an aggregate.
  func advanceStreams(
    _ window: StoredWindow,
    limit: Int,
    _ table: inout RoutingTable,
    in transaction: any RoutingTransaction
  ) throws -> EventBatch {
    var beginning = try RuleBeginning(window.content)
    guard let next = beginning.next, table.streams.keeper(of: window.owner) != nil else {
      return EventBatch()
    }
    let page = try transaction.events(from: next, limit: limit)
    var notices = EventBatch()
    for entry in page.entries.indices {
      let batch = try page.batch(entry, surroundings.clock)
      let hits = table.streams.hits(for: 0, of: batch).filter { $0.keeper.owner == window.owner }
      guard !hits.isEmpty else { continue }
      let occasion = Occasion(page, entry, in: transaction, surroundings.scope)
      try Self.extend(hits, with: occasion, in: transaction, surroundings.clock, &notices)
    }
    beginning.next = page.entries.count < limit ? nil : page.entries.last?.position.next
    try transaction.update(window, due: nil, content: beginning.content, oldest: beginning.next)
    if beginning.next == nil { table.streams.noteCaughtUp(window.owner) }
    return notices
  }

  /// Forgets streams whose aggregates are gone, or say otherwise which events belong to them.
  ///
  /// To be called when the new rules are in force.
  public func settleStreams() async throws {
    let counts = try surroundings.log.windowCounts()
    let gone = table.withLock { table in
      counts.keys.filter { StreamOwner.isOne($0) && table.streams.keeper(of: $0) == nil }
    }
    for owner in gone.sorted() {
      let wish = WindowWish.forget(owner: owner, limit: Self.forgetLimit)
      while try await grantPatiently(wish) {}
    }
  }

  /// Forgets a part of the streams that a window stands for, and the window when nothing is left.
  static func forgetStreams(of window: StoredWindow, in transaction: any RoutingTransaction) throws {
    guard try !transaction.forgetStreams(of: window.owner, limit: forgetLimit) else { return }
    try transaction.remove(window)
  }
}
