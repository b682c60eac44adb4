// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources
import SQLiteLog
import Testing

@testable import LogConformance

/// Random changes of runs with branches, gates and turns, beside the log in memory.
@Suite struct RunChangeTests {
  private static let outputs = Array("{}".utf8)
  private static let types = ["run", "wait", "gate.x", "turn.y", "both.z", "replace.x", "other"]

  private struct Choices {
    var random: SeededRandom
    let now: Timestamp
    let made: Int

    mutating func number(_ range: Range<Int>) -> Int { Int.random(in: range, using: &random) }

    mutating func once(in count: Int) -> Bool { number(0..<count) == 0 }

    /// One of the newest runs.
    mutating func run() -> RunID { RunID(rawValue: Int64(max(1, made - number(0..<20)))) }

    private mutating func next() -> NextStep {
      let turn = once(in: 4) ? Array("y".utf8) : nil
      return NextStep(number(0..<3), by: once(in: 2) ? "mail" : "shop", turn: turn, owes: once(in: 2))
    }

    mutating func change(of run: RunID) -> RunChange {
      let outputs = once(in: 2) ? RunChangeTests.outputs : nil
      let due = now + .seconds(1)
      return switch number(0..<24) {
      case 0..<4: .attempt(run, by: once(in: 3) ? "mail" : "shop")
      case 4..<6: .finish(run, outputs: outputs)
      case 6..<8: .advance(run, to: next(), outputs: outputs)
      case 8: .retry(run, due: due, failure: "later")
      case 9: .interrupt(run, due: due, failure: "ended")
      case 10: .hold(run, due: due, outputs: outputs)
      case 11: .wake(run)
      case 12: .fulfil(run, outputs: outputs)
      case 13: .postpone(run, due: due)
      case 14, 15: .die(run, failure: "no")
      case 16: .doubt(run, failure: "?")
      case 17: .compensate(run, failure: "no", outputs: outputs)
      case 18: .stick(run, failure: "no")
      case 19: .abort(run, failure: "no")
      case 20: once(in: 2) ? .revive(run) : .drop(run)
      case 21: .resume(run, from: next(), outputs: outputs)
      case 22: .undo(run, by: "earshot", outputs: outputs)
      default: .cancel(run)
      }
    }

    mutating func fork(of run: RunID) -> Fork {
      let number = number(1..<3)
      let count = self.number(0..<4)
      let isLimited = once(in: 3)
      let branches = (0..<count).map { place in
        let names = RunNames(rule: "rule", revision: "r1", listener: "shop")
        let isFirst = !isLimited || place == 0
        var new = NewRun(
          position: LogPosition(rawValue: 1),
          names: names,
          state: isFirst ? .pending : .queued
        )
        new.step = self.number(0..<3)
        new.outputs = once(in: 2) ? RunChangeTests.outputs : nil
        new.gate = isLimited ? Array("fork \(run.rawValue) \(made)".utf8) : nil
        new.turn = once(in: 4) ? Array("y".utf8) : nil
        new.branch = Branch(of: run, fork: number, place: place)
        return new
      }
      let changes = (0..<(count == 0 ? 3 : 0)).map { _ in change(of: self.run()) }
      return Fork(
        number,
        branches: branches,
        changes: changes,
        needed: once(in: 3) ? nil : max(1, self.number(0..<3))
      )
    }
  }

  private static func open(_ folder: String, _ clock: StandingClock) throws -> SQLiteLog {
    let log = try SQLiteLog(path: folder + "/log", clock: clock) { Issue.record($0) }
    log.start(router: PrefixRouter(), observer: NoRuns())
    return log
  }

  private static func all(_ log: any LogReading) throws -> [Run] {
    try log.runs(after: .start, states: Set(RunState.allCases), limit: .max)
  }

  @Test(arguments: 1...12) func `changes runs as the log in memory does`(seed: UInt64) async throws {
    try await withTemporaryFolder { folder in
      let clock = StandingClock()
      let model = InMemoryLog(clock: clock)
      model.start(router: PrefixRouter(), observer: NoRuns())
      var log: SQLiteLog? = try Self.open(folder, clock)
      var random = SeededRandom(seed: seed)
      for step in 0..<250 {
        clock.advance(by: .milliseconds(1))
        let made = try Self.all(model).count
        var choices = Choices(random: random, now: clock.now(), made: made)
        let change = try Self.change(&choices, clock)
        random = choices.random
        let answers = (try await #require(log).submit(change), try await model.submit(change))
        #expect(answers.0 == answers.1, "step \(step)")
        let runs = (try Self.all(#require(log)), try Self.all(model))
        guard runs.0 == runs.1 else {
          for (one, other) in zip(runs.0, runs.1) where one != other {
            Issue.record("step \(step): \(one), \(other)")
          }
          return
        }
        if step % 50 == 49 {
          // Its lock goes with the log itself.
          await log?.close()
          log = nil
          log = try Self.open(folder, clock)
        }
      }
      try Self.compareBranches(#require(log), model)
      await log?.close()
    }
  }

  private static func change(_ choices: inout Choices, _ clock: StandingClock) throws -> LogChange {
    var change = LogChange()
    for _ in 0..<choices.number(0..<5) where choices.made > 0 {
      let run = choices.run()
      if choices.once(in: 4) {
        change.append(.attempt(run, by: "shop"))
        let hold = RunChange.hold(run, due: clock.now() + .seconds(60), outputs: nil)
        change.append(hold, EventBatch(), nil, forking: choices.fork(of: run))
      } else {
        change.append(choices.change(of: run))
      }
    }
    var intake = EventIntake(defaultSource: "test", clock: clock)
    for _ in 0..<choices.number(0..<3) {
      let type = types[choices.number(0..<types.count)]
      try intake.append(CloudEvent(type: type), to: &change.events)
    }
    return change
  }

  private static func compareBranches(_ log: SQLiteLog, _ model: InMemoryLog) throws {
    let parents = Set(try all(model).compactMap(\.branch?.parent))
    #expect(!parents.isEmpty)
    for parent in parents {
      for fork in 1...2 {
        let found = try log.branches(of: parent, fork: fork, after: 0, limit: 3)
        #expect(
          try found.map(\.branch) == model.branches(of: parent, fork: fork, after: 0, limit: 3).map(\.branch)
        )
      }
      let position = LogPosition(rawValue: 1)
      #expect(try log.runs(of: position) == model.runs(of: position))
    }
  }
}
