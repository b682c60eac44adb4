// SPDX-License-Identifier: Apache-2.0

import EventModel
import Matching
import Rules

/// To whose streams events belong.
struct StreamTable: Sendable {
  /// A keeper of streams, with the patterns of it that an event matches.
  typealias Hit = (keeper: StreamKeeper, parts: [Int])

  private let keepers: [StreamKeeper]
  /// The keeper of each pattern, and the pattern's place there.
  private let owners: [(keeper: Int, part: Int)]
  private var matcher: BatchMatcher?
  /// The owners of streams that lack older events, so that newer ones must not be added yet.
  private(set) var behind: Set<String>
  /// Those that have caught up in the transaction under way.
  private var caughtUp: Set<String> = []

  init(_ keepers: [StreamKeeper], behind: Set<String>) {
    self.keepers = keepers
    self.behind = behind
    owners = keepers.enumerated().flatMap { keeper, content in
      content.patterns.indices.map { (keeper: keeper, part: $0) }
    }
    matcher = keepers.isEmpty ? nil : BatchMatcher(keepers.flatMap(\.patterns))
  }

  /// What owns streams of that name; nil when it is gone.
  func keeper(of owner: String) -> StreamKeeper? { keepers.first { $0.owner == owner } }

  /// To whose streams an event of a batch may belong.
  mutating func hits(for index: Int, of batch: EventBatch) -> [Hit] {
    guard matcher != nil else { return [] }
    matcher?.match(index, of: batch)
    var hits: [Hit] = []
    var last: Int?
    for pattern in matcher?.matched ?? [] {
      let owner = owners[pattern]
      if owner.keeper == last {
        hits[hits.count - 1].parts.append(owner.part)
      } else {
        hits.append((keepers[owner.keeper], [owner.part]))
        last = owner.keeper
      }
    }
    return hits
  }

  /// The same for those whose streams have all older events.
  mutating func completeHits(for index: Int, of batch: EventBatch) -> [Hit] {
    let all = hits(for: index, of: batch)
    return behind.isEmpty ? all : all.filter { !behind.contains($0.keeper.owner) }
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
