// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Testing

extension LogConformance {
  private static let ids = (1...4).map { RunID(rawValue: $0) }

  /// A change by which runs wait for an answer, each under its key.
  private static func waiting(_ bench: Bench, _ keys: [(run: Int, key: String)], from: Int64) -> LogChange {
    var change = LogChange()
    for (run, key) in keys {
      let event = AwaitedEvent(site: "site", key: Array(key.utf8), from: LogPosition(rawValue: from))
      let due = bench.clock.now() + .seconds(60)
      change.append(.hold(ids[run], due: due, outputs: nil), EventBatch(), nil, awaiting: event)
    }
    return change
  }

  static let awaits: [LogCheck] = [
    LogCheck("lets the runs go on that wait for an event under its key, and tells of them") { make in
      let bench = try Bench(make)
      try await bench.append("run.a", "run.b", "run.c")
      try await bench.log.submit(waiting(bench, [(0, "x"), (1, "y"), (2, "x")], from: 4))
      #expect(try ids.prefix(3).map { try bench.log.isAwaiting($0) } == [true, true, true])
      #expect(
        try bench.log.awaitedSites() == [AwaitedSite(site: "site", rule: "rule", revision: "r1")]
      )
      try await bench.append("answer.x")
      #expect(try bench.states(3) == [.pending, .waiting, .pending])
      #expect(try bench.log.run(ids[0])?.outputs == Array("{}".utf8))
      #expect(try bench.log.run(ids[0])?.due == nil)
      #expect(bench.recorder.commits.last?.runs.map(\.id) == [ids[0], ids[2]])
      #expect(try ids.prefix(3).map { try bench.log.isAwaiting($0) } == [false, true, false])
      try await bench.change(.attempt(ids[0], by: "shop"))
      try await bench.append("answer.x")
      #expect(try bench.states(3) == [.running, .waiting, .pending], "an event is heard once")
      await bench.log.close()
    },
    LogCheck("has a run go on at once when what it waits for has come before") { make in
      let bench = try Bench(make)
      try await bench.append("run.a", "answer.x")
      try await bench.log.submit(waiting(bench, [(0, "x")], from: 2))
      #expect(try bench.states(1) == [.pending])
      #expect(bench.recorder.commits.last?.runs.map(\.id) == [ids[0]])
      try await bench.change(.attempt(ids[0], by: "shop"))
      try await bench.log.submit(waiting(bench, [(0, "x")], from: 3))
      #expect(try bench.states(1) == [.waiting], "only what came from that position on counts")
      await bench.log.close()
    },
    LogCheck("hears no event for a run that waits no more, or cannot") { make in
      let bench = try Bench(make)
      try await bench.append("run.a", "run.b", "run.c")
      try await bench.change(.cancel(ids[2]))
      let change = waiting(bench, [(0, "x"), (1, "x"), (2, "x"), (3, "x")], from: 4)
      #expect(try await bench.log.submit(change).runChanges == [true, true, true, false])
      #expect(try bench.states(3) == [.waiting, .waiting, .cancelled])
      try await bench.change(.wake(ids[0]), .cancel(ids[1]))
      try await bench.append("answer.x")
      #expect(try bench.states(3) == [.pending, .cancelled, .cancelled])
      #expect(try bench.log.run(ids[0])?.outputs == nil)
      #expect(try bench.log.awaitedSites() == [])
      await bench.log.close()
    },
  ]
}

extension Bench {
  fileprivate func states(_ count: Int) throws -> [RunState] {
    try log.runs(after: .start, states: Set(RunState.allCases), limit: count).map(\.state)
  }
}
