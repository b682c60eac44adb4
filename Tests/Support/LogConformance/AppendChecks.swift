// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources
import Testing

extension LogConformance {
  static let appending: [LogCheck] = [
    LogCheck("gives dense positions from 1 on") { make in
      let bench = try Bench(make)
      #expect(try bench.log.lastPosition() == .start)
      #expect(try await bench.append("a", "b").positions == [1, 2])
      #expect(try await bench.append("c").positions == [3])
      #expect(try bench.log.lastPosition() == LogPosition(rawValue: 3))
      await bench.log.close()
    },
    LogCheck("stores a second event of the same source and id only once") { make in
      let bench = try Bench(make)
      try await bench.append("a", "b", ids: ["1", "2"])
      let outcomes = try await bench.append("a", "c", "d", "e", ids: ["1", "3", "3", "2"])
      #expect(
        outcomes == [
          .duplicate(LogPosition(rawValue: 1)), .appended(LogPosition(rawValue: 3)),
          .duplicate(LogPosition(rawValue: 3)), .duplicate(LogPosition(rawValue: 2)),
        ]
      )
      #expect(try bench.log.events(from: .start, limit: 10).entries.count == 3)
      await bench.log.close()
    },
    LogCheck("takes the same id from another source for another event") { make in
      let bench = try Bench(make)
      let first = try bench.batch(["a"], ids: ["1"], source: "x")
      let second = try bench.batch(["a"], ids: ["1"], source: "y")
      #expect(try await bench.log.submit(LogChange(events: first)).outcomes.positions == [1])
      #expect(try await bench.log.submit(LogChange(events: second)).outcomes.positions == [2])
      #expect(try bench.log.position(source: "y", id: "1") == LogPosition(rawValue: 2))
      #expect(try bench.log.position(source: "z", id: "1") == nil)
      await bench.log.close()
    },
    LogCheck("finds an event whose id needs escapes") { make in
      let bench = try Bench(make)
      try await bench.append("a", ids: ["q\"\\é"])
      #expect(try bench.log.position(source: "test", id: "q\"\\é") == LogPosition(rawValue: 1))
      await bench.log.close()
    },
    LogCheck("commits what follows from events with them, and routes it in turn") { make in
      let bench = try Bench(make)
      #expect(try await bench.append("a", "tell", "b").positions == [1, 2, 3])
      #expect(try bench.log.lastPosition() == LogPosition(rawValue: 4))
      #expect(bench.recorder.commits.map(\.events.count) == [3, 1])
      #expect(try bench.log.runs(of: LogPosition(rawValue: 4)).map(\.rule) == ["rule"])
      // The same notice is a duplicate the second time, and nothing follows from it.
      #expect(try await bench.append("tell").positions == [5])
      #expect(try bench.log.lastPosition() == LogPosition(rawValue: 5))
      await bench.log.close()
    },
    LogCheck("answers many concurrent callers each with their own positions") { make in
      let bench = try Bench(make)
      try await withThrowingTaskGroup(of: [Int64].self) { group in
        for caller in 0..<50 {
          group.addTask { try await bench.append("t\(caller)", "t\(caller)").positions }
        }
        var all: [Int64] = []
        for try await positions in group {
          #expect(positions.count == 2 && positions[1] == positions[0] + 1)
          all += positions
        }
        #expect(all.sorted() == Array(1...100))
      }
      await bench.log.close()
    },
    LogCheck("answers an empty change") { make in
      let bench = try Bench(make)
      #expect(try await bench.log.submit(LogChange()) == LogReceipt(outcomes: [], runChanges: []))
      #expect(bench.recorder.commits.isEmpty)
      await bench.log.close()
    },
    LogCheck("refuses changes after it was closed") { make in
      let bench = try Bench(make)
      await bench.log.close()
      let failure = await #expect(throws: LogFailure.self) { try await bench.append("a") }
      #expect(failure?.code == .closed)
    },
  ]
}

extension [AppendOutcome] {
  /// The positions of events that were appended.
  var positions: [Int64] {
    compactMap { if case .appended(let position) = $0 { position.rawValue } else { nil } }
  }
}
