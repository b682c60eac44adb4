// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel

/// The streams of a backtest: those of the recorded log, as they were when it began, and what has come to them since.
struct OpenStreams {
  private static let pageSize = 1000

  private struct Known {
    /// How many events it had.
    let base: Int64
    var positions: [LogPosition] = []
  }

  private let recorded: any LogReading
  /// The first recorded event of the backtest.
  private let start: LogPosition
  private var known: [StreamName: Known] = [:]
  private var forgotten: Set<String> = []

  init(over recorded: any LogReading, from start: LogPosition) {
    self.recorded = recorded
    self.start = start
  }

  private mutating func look(_ stream: StreamName) throws(LogFailure) -> Known {
    if let found = known[stream] { return found }
    var base: Int64 = 0
    while start.rawValue > 1, !forgotten.contains(stream.owner) {
      let page = try recorded.events(of: stream, after: base, limit: Self.pageSize)
      base += Int64(page.entries.count { $0.position < start })
      guard page.isFull(Self.pageSize), page.entries.last?.position ?? start < start else { break }
    }
    let found = Known(base: base)
    known[stream] = found
    return found
  }

  mutating func version(of stream: StreamName) throws(LogFailure) -> Int64 {
    let found = try look(stream)
    return found.base + Int64(found.positions.count)
  }

  mutating func extend(_ stream: StreamName, with position: LogPosition) throws(LogFailure) -> Int64 {
    _ = try look(stream)
    known[stream]?.positions.append(position)
    return try version(of: stream)
  }

  /// The places of events behind a version: recorded ones of before, or those that have come since.
  mutating func events(of stream: StreamName, after version: Int64, limit: Int) throws(LogFailure)
    -> (before: EventPage, since: [LogPosition])
  {
    let found = try look(stream)
    var before = EventPage()
    if version < found.base {
      let count = min(limit, Int(found.base - version))
      let page = try recorded.events(of: stream, after: version, limit: count)
      for index in page.entries.indices {
        let entry = page.entries[index]
        before.append(
          position: BacktestPosition.of(entry.position),
          recorded: entry.recorded,
          json: page.json(index)
        )
      }
    }
    let skipped = Int(max(0, version - found.base))
    let rest = limit - before.entries.count
    return (before, Array(found.positions.dropFirst(skipped).prefix(rest)))
  }

  /// Those of an owner to which something has come.
  mutating func streams(of owner: String, after key: [UInt8]?, limit: Int) throws(LogFailure)
    -> [StreamVersion]
  {
    let names = known.keys.filter { name in
      name.owner == owner && (key.map { $0.lexicographicallyPrecedes(name.key) } ?? true)
    }
    var found: [StreamVersion] = []
    for name in names.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }).prefix(limit) {
      found.append(StreamVersion(name, try version(of: name)))
    }
    return found
  }

  mutating func forget(_ owner: String) -> Bool {
    known = known.filter { $0.key.owner != owner }
    return forgotten.insert(owner).inserted
  }
}
