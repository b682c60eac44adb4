// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources
import LogConformance
import SQLiteLog
import Testing

/// What a log holds, in numbers.
@Suite struct LogStatisticsTests {
  @Test func `counts events by type, and says how old and how large they are`() async throws {
    try await withTemporaryFolder { folder in
      let clock = StandingClock()
      let start = clock.now()
      let log = try SQLiteLog(path: folder + "/log", clock: clock) { Issue.record($0) }
      log.start(router: NoRuns(), observer: NoRuns())
      var intake = EventIntake(defaultSource: "test", clock: clock)
      for (day, type) in ["a", "b", "b", "a\"b"].enumerated() {
        var change = LogChange()
        try intake.append(CloudEvent(type: type, data: "x"), to: &change.events)
        try await log.submit(change)
        if day == 0 {
          var erasure = LogChange()
          erasure.erasure = Erasure([LogPosition(rawValue: 1)], reason: "", selection: "")
          try await log.submit(erasure)
        }
        clock.advance(by: .seconds(86_400 * 3))
      }
      await log.close()
      let found = try LogStatistics(path: folder + "/log", now: clock.now())
      #expect(found.types.map(\.type) == ["b", "a", ErasureNotice.type, "a\"b"])
      #expect(found.types.map(\.events) == [2, 1, 1, 1] && found.erased == 1)
      #expect(found.types[0].positions == 3...4)
      #expect(found.types[0].recorded == start + .seconds(86_400 * 3)...start + .seconds(86_400 * 6))
      #expect(found.types[0].size > 100 && found.types[0].size < 300)
      #expect(found.recent.events == 2 && found.recent.days == 7, "of the last seven days")
      #expect(found.size.database > 0 && found.schema >= 7 && found.windows == 0 && found.runs.isEmpty)
    }
  }

  @Test func `counts runs by their state, with or without a row, and windows`() async throws {
    try await withTemporaryFolder { folder in
      let clock = StandingClock()
      let log = try SQLiteLog(path: folder + "/log", clock: clock) { Issue.record($0) }
      log.start(router: OneRunEach(), observer: NoRuns())
      var intake = EventIntake(defaultSource: "test", clock: clock)
      var change = LogChange()
      for _ in 0..<3 { try intake.append(CloudEvent(type: "a"), to: &change.events) }
      change.windows = [.open(owner: "o", key: [1], due: clock.now(), content: [], oldest: nil)]
      try await log.submit(change)
      try await log.submit(LogChange(runs: [.die(RunID(rawValue: 2), failure: "no")]))
      let found = try LogStatistics(path: folder + "/log", now: clock.now())
      #expect(found.runs == [.running: 2, .dead: 1] && found.windows == 1)
      await log.close()
    }
  }

  @Test func `an empty log is no error`() async throws {
    try await withTemporaryFolder { folder in
      await (try SQLiteLog(path: folder + "/log", clock: StandingClock()) { Issue.record($0) }).close()
      let found = try LogStatistics(path: folder + "/log", now: StandingClock().now())
      #expect(found.types.isEmpty && found.recent.events == 0 && found.recent.days == 0)
    }
  }

  /// Makes a run of each event, which begins at once.
  private struct OneRunEach: EventRouter {
    func route(
      _ events: EventBatch,
      outcomes: [AppendOutcome],
      at time: SteadyClock.Reading,
      in transaction: any RoutingTransaction
    ) throws -> EventBatch {
      for case .appended(let position) in outcomes {
        let names = RunNames(rule: "r", revision: "1", listener: "l")
        try transaction.makeRun(NewRun(position: position, names: names, state: .running))
      }
      return EventBatch()
    }

    func change(
      _ window: StoredWindow,
      _ wish: WindowWish,
      at time: SteadyClock.Reading,
      in transaction: any RoutingTransaction
    ) -> EventBatch { EventBatch() }

    func lookBack(
      for event: AwaitedEvent,
      of run: Run,
      at time: SteadyClock.Reading,
      in transaction: any RoutingTransaction
    ) {}

    func rolledBack() {}
  }
}
