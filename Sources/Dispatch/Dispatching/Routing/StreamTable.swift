// SPDX-License-Identifier: Apache-2.0

import EventModel
import Matching
import Rules

/// The aggregates to whose streams events belong.
struct StreamTable: Sendable {
  private let aggregates: [Aggregate]
  private var matcher: BatchMatcher?
  /// The owners of streams that lack older events, so that newer ones must not be added yet.
  private(set) var behind: Set<String>
  /// Those that have caught up in the transaction under way.
  private var caughtUp: Set<String> = []

  init(_ aggregates: [Aggregate], behind: Set<String>) {
    self.aggregates = aggregates
    self.behind = behind
    matcher =
      aggregates.isEmpty
      ? nil
      : BatchMatcher(aggregates.map { EventPattern(types: $0.types.map { ($0, false) }, sources: []) })
  }

  /// The aggregate that owns streams; nil when it is gone.
  func aggregate(owning owner: String) -> Aggregate? { aggregates.first { $0.streamOwner == owner } }

  /// The aggregates that an event of a batch may belong to, by its type.
  mutating func aggregates(for index: Int, of batch: EventBatch) -> [Aggregate] {
    guard matcher != nil else { return [] }
    matcher?.match(index, of: batch)
    return matcher.map { $0.matched.map { aggregates[$0] } } ?? []
  }

  /// The same for those whose streams have all older events.
  mutating func complete(for index: Int, of batch: EventBatch) -> [Aggregate] {
    let all = aggregates(for: index, of: batch)
    return behind.isEmpty ? all : all.filter { !behind.contains($0.streamOwner) }
  }

  /// Notes that the streams of an owner have all events.
  mutating func noteCaughtUp(_ owner: String) {
    behind.remove(owner)
    caughtUp.insert(owner)
  }

  /// What was noted is committed.
  mutating func commit() {
    if !caughtUp.isEmpty { caughtUp = [] }
  }

  /// What was noted has not happened.
  mutating func rollBack() {
    behind.formUnion(caughtUp)
    caughtUp = []
  }
}
