// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources
import Testing

extension LogConformance {
  static let erasing: [LogCheck] = [
    LogCheck("erases what an event says, and what runs have made of it") { make in
      let bench = try Bench(make)
      try await bench.append("run.a", "b", ids: ["ada", "x"])
      let run = RunID(rawValue: 1)
      let now = bench.clock.now()
      var change = LogChange()
      change.append(
        .finish(run, outputs: Array(#"{"step":"Ada"}"#.utf8)),
        EventBatch(),
        HistoryEntry(.done, step: "s", attempt: 1, began: now, ended: now, input: [49], result: [50])
      )
      try await bench.log.submit(change)
      let outcome = try await bench.erase(1)
      #expect(outcome.erased == [LogPosition(rawValue: 1)] && outcome.isClean)
      #expect(outcome.notice == LogPosition(rawValue: 3))
      let event = try bench.event(1)
      #expect(event["type"]?.string == "run.a" && event["source"]?.string == "test")
      #expect(event["id"]?.string == "erased-1" && event["data"] == nil && event["erased"] == true)
      #expect(event["time"]?.string == bench.clock.now().rfc3339)
      #expect(try bench.log.run(run)?.outputs == nil && bench.log.run(run)?.state == .done)
      let entry = try #require(try bench.log.history(of: run, limit: 1).first)
      #expect(entry.input == nil && entry.result == nil && entry.step == "s")
      let data = try bench.event(3)["data"]
      #expect(data?["ranges"]?.json == "[[1,1]]" && data?["reason"]?.string == "why")
      #expect(data?["selected_by"]?.string == "subject" && data?["events"]?.int == 1)
      #expect(try bench.event(2)["data"] != nil)
      #expect(try bench.log.position(source: "test", id: "ada") == nil)
      await bench.log.close()
    },
    LogCheck("shows the event that tells of an erasure to rules and observers") { make in
      let bench = try Bench(make)
      try await bench.append("a")
      try await bench.erase(1)
      let commit = try #require(bench.recorder.commits.last)
      #expect(commit.events.type(0) == ErasureNotice.type && commit.outcomes.positions == [2])
      await bench.log.close()
    },
    LogCheck("erases nothing that a run still needs, and nothing twice") { make in
      let bench = try Bench(make)
      try await bench.append("run.a", "b", "late.x", "d")
      let first = try await bench.erase(1, 2, 3, 4, 77)
      #expect(first.erased.map(\.rawValue) == [2, 4] && first.needed.map(\.rawValue) == [1, 3])
      try await bench.change(
        .finish(RunID(rawValue: 1), outputs: nil),
        .die(RunID(rawValue: 2), failure: "Ada")
      )
      let second = try await bench.erase(1, 2, 3)
      #expect(second.erased.isEmpty && second.already == 1 && second.needed.count == 2)
      #expect(second.notice == nil && second.isClean)
      try await bench.change(.drop(RunID(rawValue: 2)))
      #expect(try await bench.erase(1, 3).erased.map(\.rawValue) == [1, 3])
      #expect(try bench.log.run(RunID(rawValue: 2))?.failure == Erasure.erasedText)
      await bench.log.close()
    },
    LogCheck("erases neither events of kept types nor what tells of an erasure") { make in
      let bench = try Bench(make)
      try await bench.append("text", "a")
      try await bench.erase(2)
      let wish = Erasure([1, 3].map(LogPosition.init), reason: "", selection: "", keptTypes: ["text"])
      let outcome = try #require(try await bench.log.submit(LogChange(erasure: wish)).erased)
      #expect(outcome.kept == 2 && outcome.erased.isEmpty)
      await bench.log.close()
    },
    LogCheck("keeps ids that are UUIDs, by which events are told apart and tied together") { make in
      let bench = try Bench(make)
      let (id, cause) = ("019DD5B2-7c1c-7d60-8d9f-0d5b3f6f4a11", "019dd5b2-7c1c-7d60-8d9f-0d5b3f6f4a12")
      var event = CloudEvent(type: "a", subject: "Ada", data: "Ada")
      event.id = id
      event.extensions = [
        .init("causationid", .string(cause)), .init("correlationid", "ada"), .init("mail", "ada@example.org"),
      ]
      var intake = EventIntake(defaultSource: "test", clock: bench.clock)
      var batch = EventBatch()
      try intake.append(event, to: &batch)
      try await bench.log.submit(LogChange(events: batch))
      try await bench.erase(1)
      let found = try bench.event(1)
      #expect(found["id"]?.string == id && found["causationid"]?.string == cause)
      #expect(found["correlationid"] == nil && found["mail"] == nil && found["subject"] == nil)
      let first = LogPosition(rawValue: 1)
      #expect(try await bench.log.submit(LogChange(events: batch)).outcomes == [.duplicate(first)])
      await bench.log.close()
    },
    LogCheck("finds another id for what was erased when somebody has used it") { make in
      let bench = try Bench(make)
      try await bench.append("a", "b", ids: ["ada", "erased-1"])
      try await bench.erase(1)
      #expect(try bench.event(1)["id"]?.string == "erased-1-")
      #expect(try bench.log.position(source: "test", id: "erased-1") == LogPosition(rawValue: 2))
      await bench.log.close()
    },
    LogCheck("never forgets what tells of an erasure") { make in
      let bench = try Bench(make)
      try await bench.append("a", "b")
      try await bench.erase(1)
      try await bench.append("c", "d")
      try await bench.log.submit(LogChange(pruning: Pruning(before: LogPosition(rawValue: 5))))
      let typed = Pruning(type: ErasureNotice.type, before: LogPosition(rawValue: 5))
      #expect(try await bench.log.submit(LogChange(pruning: typed)).pruned?.isDone == true)
      let left = try bench.log.events(from: .start, limit: 9).entries.map(\.position.rawValue)
      #expect(left == [3, 5])
      await bench.log.close()
    },
  ]
}

extension Bench {
  @discardableResult
  fileprivate func erase(_ positions: Int64...) async throws -> ErasureOutcome {
    let wish = Erasure(positions.map(LogPosition.init), reason: "why", selection: "subject")
    return try #require(try await log.submit(LogChange(erasure: wish)).erased)
  }

  fileprivate func event(_ position: Int64) throws -> JSONValue {
    let events = try log.events(at: [LogPosition(rawValue: position)])
    return try JSONValue(json: try #require(events.first))
  }
}

extension LogChange {
  fileprivate init(erasure: Erasure) {
    self.init()
    self.erasure = erasure
  }
}
