// SPDX-License-Identifier: Apache-2.0

import EventModel
import Expressions
import Matching
import Rules

/// What keeps streams: an aggregate, or a view whose rows conditions may look up.
enum StreamKeeper: Sendable {
  case aggregate(Aggregate)
  case view(ViewDefinition)

  /// The name under which the log keeps the streams.
  var owner: String {
    switch self {
    case .aggregate(let aggregate): aggregate.streamOwner
    case .view(let view): view.streamOwner
    }
  }

  /// What events must match to belong to some stream; for a view, a pattern for each of its entries.
  var patterns: [EventPattern] {
    switch self {
    case .aggregate(let aggregate):
      [EventPattern(types: aggregate.types.map { ($0, false) }, sources: [])]
    case .view(let view): view.entries.map(\.trigger.wholePattern)
    }
  }

  /// To which streams an event belongs that matches some of the patterns.
  ///
  /// Of a view, an entry whose key has no value is left out: the view itself tells of that.
  func keys(of event: JSONDocument, matching parts: [Int]) throws(AggregateFailure) -> [[UInt8]] {
    switch self {
    case .aggregate(let aggregate): return try aggregate.key(of: event).map { [Array($0.utf8)] } ?? []
    case .view(let view):
      let scope = Scope(event: JSONContent(event), row: [])
      var keys: [[UInt8]] = []
      for part in parts {
        guard let key = try? view.entries[part].key.expression.rowKey(in: scope), !keys.contains(key) else {
          continue
        }
        keys.append(key)
      }
      return keys
    }
  }
}

extension RuleSet {
  /// All that keeps streams.
  var streamKeepers: [StreamKeeper] {
    aggregates.map(StreamKeeper.aggregate) + lookedUpViews.map(StreamKeeper.view)
  }

  /// The views whose rows conditions may look up.
  var lookedUpViews: [ViewDefinition] { views.filter(\.canBeLookedUp) }
}
