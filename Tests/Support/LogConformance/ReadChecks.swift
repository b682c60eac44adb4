// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources
import Testing

extension LogConformance {
  static let reading: [LogCheck] = [
    LogCheck("gives events of one type from a position on") { make in
      let bench = try Bench(make)
      try await bench.append("a", "b", "a", "a\"b", "a", "b")
      func positions(_ type: String, from: Int64, limit: Int = 10) throws -> [Int64] {
        let page = try bench.log.events(ofType: type, from: LogPosition(rawValue: from), limit: limit)
        return page.entries.map(\.position.rawValue)
      }
      #expect(try positions("a", from: 1) == [1, 3, 5])
      #expect(try positions("a", from: 2, limit: 1) == [3])
      #expect(try positions("b", from: 7) == [] && positions("none", from: 1) == [])
      #expect(try positions("a\"b", from: 1) == [4])
      await bench.log.close()
    },
    LogCheck("gives the last events before a position, of one type or all") { make in
      let bench = try Bench(make)
      try await bench.append("a", "b", "a", "a\"b", "a", "b")
      func positions(_ type: String?, before: Int64, limit: Int = 10) throws -> [Int64] {
        let page = try bench.log.events(ofType: type, before: LogPosition(rawValue: before), limit: limit)
        return page.entries.map(\.position.rawValue)
      }
      #expect(try positions(nil, before: 100) == [1, 2, 3, 4, 5, 6])
      #expect(try positions(nil, before: 5, limit: 2) == [3, 4] && positions(nil, before: 1) == [])
      #expect(try positions("a", before: 5) == [1, 3] && positions("a", before: 100, limit: 1) == [5])
      #expect(try positions("a\"b", before: 100) == [4] && positions("none", before: 100) == [])
      let page = try bench.log.events(ofType: "b", before: LogPosition(rawValue: 7), limit: 1)
      #expect(try JSONDocument(Array(page.json(0))).root["type"]?.string == "b")
      await bench.log.close()
    },
    LogCheck("says of which types there are events") { make in
      let bench = try Bench(make)
      #expect(try bench.log.eventTypes() == [])
      try await bench.append("b", "run.a", "b", "a\"b")
      #expect(try bench.log.eventTypes() == ["a\"b", "b", "run.a"])
      await bench.log.close()
    },
    LogCheck("finds events by their id alone, whatever their source") { make in
      let bench = try Bench(make)
      try await bench.append("a", "b", ids: ["1", "x\"y"])
      try await bench.log.submit(LogChange(events: bench.batch(["c"], ids: ["1"], source: "other")))
      #expect(try bench.log.positions(ofID: "1").map(\.rawValue) == [1, 3])
      #expect(try bench.log.positions(ofID: "x\"y").map(\.rawValue) == [2])
      #expect(try bench.log.positions(ofID: "y") == [] && bench.log.positions(ofID: "test") == [])
      await bench.log.close()
    },
    LogCheck("reads events from a position on, in order, up to the limit") { make in
      let bench = try Bench(make)
      let batch = try bench.batch((0..<10).map { "t\($0)" })
      _ = try await bench.log.submit(LogChange(events: batch))
      let page = try bench.log.events(from: LogPosition(rawValue: 4), limit: 3)
      #expect(page.entries.map(\.position.rawValue) == [4, 5, 6])
      #expect((0..<3).map { Array(page.json($0)) } == (3..<6).map { Array(batch.json($0)) })
      #expect(try bench.log.events(from: LogPosition(rawValue: 11), limit: 3).entries.isEmpty)
      await bench.log.close()
    },
    LogCheck("remembers when it recorded an event") { make in
      let bench = try Bench(make)
      try await bench.append("a")
      bench.clock.advance(by: .microseconds(1_000_001))
      try await bench.append("b")
      let page = try bench.log.events(from: .start, limit: 2)
      #expect(page.entries[1].recorded - page.entries[0].recorded == .microseconds(1_000_001))
      await bench.log.close()
    },
    LogCheck("shows each commit to the observer before it answers") { make in
      let bench = try Bench(make)
      try await bench.append("run.a", "b", "run.c", ids: ["1", "2", "3"])
      try await bench.append("run.a", "run.d", ids: ["1", "4"])
      let commits = bench.recorder.commits
      #expect(commits.map(\.outcomes.positions) == [[1, 2, 3], [4]])
      #expect(commits.map { $0.runs.map(\.position.rawValue) } == [[1, 3], [4]])
      await bench.log.close()
    },
  ]

  static let checkpoints: [LogCheck] = [
    LogCheck("keeps the checkpoint of each source apart, in the order of the keys") { make in
      let bench = try Bench(make)
      func set(_ source: String, _ entries: [(String, String?)]) async throws {
        let changes = entries.map {
          CheckpointChange(key: Array($0.0.utf8), value: $0.1.map { Array($0.utf8) })
        }
        try await bench.log.submit(LogChange(source: source, checkpoint: changes))
      }
      func entries(_ source: String) throws -> [String] {
        var found: [String] = []
        try bench.log.checkpoint(of: source).forEach {
          found.append(String(decoding: $0, as: UTF8.self) + "=" + String(decoding: $1, as: UTF8.self))
        }
        return found
      }
      try await set("x", [("b", "1"), ("a", "2"), ("é", "3"), ("b", "4")])
      try await set("y", [("b", "9")])
      #expect(try entries("x") == ["a=2", "b=4", "é=3"])
      try await set("x", [("a", nil), ("nothing", nil)])
      #expect(try entries("x") == ["b=4", "é=3"])
      #expect(try entries("y") == ["b=9"])
      #expect(try entries("z").isEmpty)
      #expect(try bench.log.checkpoint(of: "y").value(for: Array("b".utf8)) == Array("9".utf8))
      #expect(try bench.log.checkpoint(of: "y").value(for: Array("c".utf8)) == nil)
      await bench.log.close()
    }
  ]
}
