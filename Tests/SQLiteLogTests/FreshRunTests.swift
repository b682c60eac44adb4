// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources
import SQLiteLog
import Testing

@testable import LogConformance

/// Runs without rows of their own, beside the log in memory, which has none.
@Suite struct FreshRunTests {
  private static let states = Set(RunState.allCases)

  private static func open(_ folder: String, _ clock: StandingClock) throws -> SQLiteLog {
    let log = try SQLiteLog(path: folder + "/log", clock: clock) { Issue.record($0) }
    log.start(router: PrefixRouter(), observer: NoRuns())
    return log
  }

  private static func batch(_ types: [String], _ clock: StandingClock) throws -> EventBatch {
    var intake = EventIntake(defaultSource: "test", clock: clock)
    var batch = EventBatch()
    for type in types { try intake.append(CloudEvent(type: type), to: &batch) }
    return batch
  }

  private static func change(_ random: inout SeededRandom, of run: RunID, at now: Timestamp) -> RunChange {
    switch Int.random(in: 0..<13, using: &random) {
    case 0..<4: .attempt(run, by: Int.random(in: 0..<3, using: &random) == 0 ? "mail" : "shop")
    case 4..<8: .finish(run, outputs: Bool.random(using: &random) ? [0x7B, 0x7D] : nil)
    case 8: .retry(run, due: now + .seconds(1), failure: "later")
    case 9: .cancel(run)
    case 12: .hold(run, due: now + .seconds(1), outputs: nil)
    case 10: .wake(run)
    default: .advance(run, to: NextStep(1, by: "mail", owes: Bool.random(using: &random)), outputs: nil)
    }
  }

  @Test(arguments: 1...8) func `look like runs with rows, whatever happens to them`(seed: UInt64) async throws
  {
    var random = SeededRandom(seed: seed)
    try await withTemporaryFolder { folder in
      let clock = StandingClock()
      let model = InMemoryLog(clock: clock)
      model.start(router: PrefixRouter(), observer: NoRuns())
      var log: SQLiteLog? = try Self.open(folder, clock)
      var made = 0
      for step in 0..<300 {
        clock.advance(by: .milliseconds(1))
        let count = Int.random(in: 0..<4, using: &random)
        let types = (0..<count).map { _ in
          ["run", "run", "wait", "wait", "gate.x"].randomElement(using: &random)!
        }
        var change = LogChange()
        for _ in 0..<Int.random(in: 0..<5, using: &random) where made > 0 {
          let run = RunID(rawValue: Int64(max(1, made - Int.random(in: 0..<12, using: &random))))
          change.runs.append(Self.change(&random, of: run, at: clock.now()))
        }
        change.events = try Self.batch(types, clock)
        made += count
        let answers = (try await log?.submit(change), try await model.submit(change))
        #expect(answers.0?.runChanges == answers.1.runChanges)
        if step % 60 == 59 {
          // Its lock goes with the log itself.
          await log?.close()
          log = nil
          log = try Self.open(folder, clock)
        }
        if step % 20 == 19 { try compare(#require(log), model, &random, made) }
      }
      await log?.close()
    }
  }

  private func compare(
    _ log: SQLiteLog,
    _ model: InMemoryLog,
    _ random: inout SeededRandom,
    _ made: Int
  ) throws {
    let after = RunID(rawValue: Int64.random(in: 0...Int64(made), using: &random))
    for states in [Self.states, [.running], [.pending], [.running, .cancelling], [.done, .pending]] {
      #expect(
        try log.runs(after: after, states: states, limit: 20)
          == model.runs(after: after, states: states, limit: 20)
      )
      #expect(
        try log.newestRuns(states: states, before: after, limit: 7)
          == model.newestRuns(states: states, before: after, limit: 7)
      )
    }
    #expect(try log.pendingLanes() == model.pendingLanes())
    for lane in try model.pendingLanes() {
      let work = try model.pendingWork(of: lane, after: after, limit: 9)
      #expect(try log.pendingWork(of: lane, after: after, limit: 9) == work)
      let ids = work.work.map(\.run.id) + [after]
      #expect(try log.work(of: ids) == model.work(of: ids))
    }
    let position = LogPosition(rawValue: after.rawValue)
    #expect(try log.runs(of: position) == model.runs(of: position))
    #expect(try log.run(after) == model.run(after))
  }

  @Test func `get rows when there are too many transactions with some of them`() async throws {
    try await withTemporaryFolder { folder in
      let clock = StandingClock()
      let log = try SQLiteLog(path: folder + "/log", clock: clock) { Issue.record($0) }
      log.start(router: PrefixRouter(), observer: NoRuns())
      for _ in 0..<300 { try await log.submit(LogChange(events: Self.batch(["wait", "run"], clock))) }
      let runs = try log.runs(after: .start, states: [.pending, .running], limit: 1000)
      #expect(runs.map(\.id.rawValue) == Array(1...600))
      #expect(runs.map(\.attempts) == Array(repeating: [0, 1], count: 300).flatMap(\.self))
      let lane = LaneName(listener: "shop", rule: "rule")
      #expect(try log.pendingWork(of: lane, after: .start, limit: 1000).work.count == 300)
      let changes = runs.filter { $0.state == .running }.map { RunChange.finish($0.id, outputs: nil) }
      #expect(try await log.submit(LogChange(runs: changes)).runChanges.allSatisfy(\.self))
      #expect(try log.runs(after: .start, states: [.running], limit: 1).isEmpty)
      await log.close()
    }
  }
}
