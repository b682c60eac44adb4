// SPDX-License-Identifier: Apache-2.0

@testable import DurableLog
import EventModel
import Rules

/// What must hold of the streams of aggregates when nothing happens any more.
struct StreamChecks {
  let disk: InMemoryLog

  /// A stream that has not just the events that are its own, or that should not be there.
  func violation(of rules: RuleSet) throws -> String? {
    let owners = Set(rules.aggregates.map(\.streamOwner))
    let kept = Set(disk.store.streams.keys.map(\.owner))
    if let other = kept.subtracting(owners).first { return "streams of '\(other)' are left" }
    for aggregate in rules.aggregates {
      let expected = try expected(of: aggregate)
      let found = disk.store.streams.filter { $0.key.owner == aggregate.streamOwner }
      for key in Set(expected.keys).union(found.keys.map { String(decoding: $0.key, as: UTF8.self) }) {
        let positions = found[StreamName(owner: aggregate.streamOwner, key: Array(key.utf8))] ?? []
        guard positions != expected[key] ?? [] else { continue }
        return
          "the stream '\(key)' of '\(aggregate.streamOwner)' has \(positions.count) events and not \(expected[key]?.count ?? 0)"
      }
    }
    return nil
  }

  private func expected(of aggregate: Aggregate) throws -> [String: [LogPosition]] {
    let page = try disk.events(from: .start, limit: .max)
    var streams: [String: [LogPosition]] = [:]
    for index in page.entries.indices {
      let event = try JSONDocument(Array(page.json(index)))
      guard let type = event.root["type"]?.string, aggregate.types.contains(type) else { continue }
      guard let key = try? aggregate.key(of: event) else { continue }
      streams[key, default: []].append(page.entries[index].position)
    }
    return streams
  }
}
