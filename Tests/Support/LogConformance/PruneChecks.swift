// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources
import Testing

extension LogConformance {
  static let pruning: [LogCheck] = [
    LogCheck("forgets events before a position, with what they have led to") { make in
      let bench = try Bench(make)
      try await bench.append("run.a", "note", "run.b", "last")
      try await bench.change(.finish(RunID(rawValue: 1), outputs: nil))
      let outcome = try await bench.prune(before: 3)
      #expect(outcome == PruneOutcome(events: 2, isDone: true))
      #expect(try bench.positions() == [3, 4])
      #expect(try bench.log.run(RunID(rawValue: 1)) == nil)
      #expect(try bench.log.decisions(of: LogPosition(rawValue: 2)).isEmpty)
      #expect(try bench.log.runs(of: LogPosition(rawValue: 3)).map(\.id.rawValue) == [2])
      await bench.log.close()
    },
    LogCheck("keeps the newest event, and counts on from it") { make in
      let bench = try Bench(make)
      try await bench.append("run.a", "run.b")
      try await bench.change(
        .finish(RunID(rawValue: 1), outputs: nil),
        .finish(RunID(rawValue: 2), outputs: nil)
      )
      #expect(try await bench.prune(before: 100) == PruneOutcome(events: 1, isDone: true))
      #expect(try bench.positions() == [2])
      #expect(try bench.log.run(RunID(rawValue: 2))?.state == .done)
      #expect(
        try await bench.append("run.c", ids: ["c"]) == [.appended(LogPosition(rawValue: 3))]
      )
      #expect(try bench.log.run(RunID(rawValue: 3))?.state == .running)
      await bench.log.close()
    },
    LogCheck("keeps the events of open, dead and uncertain runs, until these are over") { make in
      let bench = try Bench(make)
      try await bench.append("run.a", "run.b", "run.c", "run.d", "run.e", "last")
      let ids = (1...5).map { RunID(rawValue: $0) }
      try await bench.change(
        .die(ids[1], failure: "no"),
        .doubt(ids[2], failure: "who knows"),
        .retry(ids[3], due: bench.clock.now(), failure: "later"),
        .finish(ids[4], outputs: nil)
      )
      #expect(try await bench.prune(before: 6).events == 1)
      #expect(try bench.positions() == [1, 2, 3, 4, 6])
      #expect(try bench.log.work(of: ids).map(\.run.position.rawValue) == [1, 2, 3, 4])
      try await bench.change(.finish(ids[0], outputs: nil), .drop(ids[1]))
      #expect(try await bench.prune(before: 6).events == 2)
      #expect(try bench.positions() == [3, 4, 6])
      #expect(try bench.log.run(ids[0]) == nil && bench.log.run(ids[1]) == nil)
      try await bench.change(.revive(ids[2]), .wake(ids[3]))
      #expect(try await bench.prune(before: 6).events == 0)
      await bench.log.close()
    },
    LogCheck("keeps all events of a run of several until it is over") { make in
      let bench = try Bench(make)
      try await bench.append("first", "between", "late.x", "last", "run.y")
      #expect(try await bench.prune(before: 5).events == 2)
      #expect(try bench.positions() == [1, 3, 5])
      try await bench.change(.finish(RunID(rawValue: 1), outputs: nil))
      #expect(try await bench.prune(before: 5).events == 2)
      #expect(try bench.positions() == [5])
      #expect(try bench.log.run(RunID(rawValue: 1)) == nil)
      await bench.log.close()
    },
    LogCheck("keeps events of some types whatever their age") { make in
      let bench = try Bench(make)
      try await bench.append("text", "other", "last")
      #expect(try await bench.prune(before: 3, keeping: ["text"]).events == 1)
      #expect(try bench.positions() == [1, 3])
      #expect(try await bench.prune(before: 3, keeping: ["text"]).events == 0)
      await bench.log.close()
    },
    LogCheck("forgets events of one type, wherever they are") { make in
      let bench = try Bench(make)
      try await bench.append("run.a", "b", "b", "run.a", "b", "run.a", "b", "b")
      try await bench.change(
        .finish(RunID(rawValue: 1), outputs: nil),
        .finish(RunID(rawValue: 2), outputs: nil)
      )
      #expect(try await bench.prune("b", before: 6) == [2, 3, 5])
      #expect(try bench.positions() == [1, 4, 6, 7, 8])
      #expect(
        try await bench.prune("run.a", before: 100) == [1, 4],
        "a run that is not over keeps its event"
      )
      #expect(try bench.log.run(RunID(rawValue: 1)) == nil)
      #expect(try await bench.prune("b", before: 100) == [7], "the newest event stays")
      #expect(try await bench.prune(before: 8).isDone)
      #expect(try bench.positions() == [6, 8])
      #expect(try await bench.prune("none", before: 100) == [])
      #expect(try await bench.append("b", ids: ["c"]) == [.appended(LogPosition(rawValue: 9))])
      await bench.log.close()
    },
    LogCheck("forgets events of a type a part at a time, and what was kept for its type") { make in
      let bench = try Bench(make)
      for _ in 0..<5 { try await bench.append("a", "b") }
      try await bench.append("last")
      try await bench.prune(before: 8, keeping: ["b"])
      #expect(try bench.positions() == [2, 4, 6, 8, 9, 10, 11])
      #expect(try await bench.prune("b", before: 9, limit: 2) == [2, 4, 6, 8])
      #expect(try bench.positions() == [9, 10, 11])
      await bench.log.close()
    },
    LogCheck("keeps a run of several events until the last of these is forgotten") { make in
      let bench = try Bench(make)
      try await bench.append("first", "late.x", "last", "run.y")
      try await bench.change(.finish(RunID(rawValue: 1), outputs: nil))
      #expect(try await bench.prune("first", before: 4) == [1])
      #expect(try bench.log.run(RunID(rawValue: 1)) != nil)
      #expect(try await bench.prune("late.x", before: 4) == [2])
      #expect(try bench.log.run(RunID(rawValue: 1)) == nil)
      await bench.log.close()
    },
    LogCheck("forgets a part at a time, each event once") { make in
      let bench = try Bench(make)
      for _ in 0..<10 { try await bench.append("run.a", "b") }
      try await bench.change((1...8).map { .finish(RunID(rawValue: $0), outputs: nil) })
      var gone: [Int] = []
      var isDone = false
      while !isDone {
        let outcome = try await bench.prune(before: 20, limit: 4)
        gone.append(outcome.events)
        isDone = outcome.isDone
      }
      #expect(gone.reduce(0, +) == 17)
      #expect(gone.allSatisfy { $0 <= 8 })
      #expect(try bench.positions() == [17, 19, 20])
      await bench.log.close()
    },
    LogCheck("says which is the oldest event that a window needs") { make in
      let bench = try Bench(make)
      try await bench.append("a", "hold.x", "hold.y")
      #expect(try bench.log.oldestInWindows() == LogPosition(rawValue: 2))
      try await bench.append("hold.x")
      #expect(try bench.log.oldestInWindows() == LogPosition(rawValue: 3))
      try await bench.append("hold.y")
      #expect(try bench.log.oldestInWindows() == nil)
      await bench.log.close()
    },
    LogCheck("takes an event again that was forgotten") { make in
      let bench = try Bench(make)
      try await bench.append("a", "b", ids: ["1", "2"])
      try await bench.prune(before: 2)
      #expect(try bench.log.position(source: "test", id: "1") == nil)
      #expect(
        try await bench.append("a", "b", ids: ["1", "2"])
          == [.appended(LogPosition(rawValue: 3)), .duplicate(LogPosition(rawValue: 2))]
      )
      await bench.log.close()
    },
  ]
}

extension Bench {
  @discardableResult
  func prune(
    before position: Int64,
    keeping types: Set<String> = [],
    limit: Int = 100
  ) async throws -> PruneOutcome {
    let wish = Pruning(before: LogPosition(rawValue: position), keptTypes: types, limit: limit)
    return try #require(try await log.submit(LogChange(pruning: wish)).pruned)
  }

  /// Forgets events of a type and gives which are gone.
  fileprivate func prune(_ type: String, before position: Int64, limit: Int = 100) async throws -> [Int64] {
    let there = try positions()
    var wish = Pruning(type: type, before: LogPosition(rawValue: position), limit: limit)
    var count = 0
    while true {
      let outcome = try #require(try await log.submit(LogChange(pruning: wish)).pruned)
      count += outcome.events
      if outcome.isDone { break }
      wish.after = outcome.seen
    }
    let gone = Set(there).subtracting(try positions()).sorted()
    #expect(gone.count == count)
    return gone
  }

  func positions() throws -> [Int64] {
    try log.events(from: .start, limit: 100).entries.map(\.position.rawValue)
  }

  func change(_ changes: [RunChange]) async throws {
    try await log.submit(LogChange(runs: changes))
  }
}
