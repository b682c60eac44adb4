// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Testing

extension LogConformance {
  private static let first = RunID(rawValue: 1)

  private static func entry(_ kind: HistoryEntry.Kind, _ step: String, _ attempt: Int = 1) -> HistoryEntry {
    HistoryEntry(
      kind,
      step: step,
      attempt: attempt,
      began: Timestamp(seconds: 10, nanoseconds: 1_000),
      ended: Timestamp(seconds: 11),
      input: Array(#"{"a":1}"#.utf8),
      result: kind == .done ? nil : Array(#""no""#.utf8)
    )
  }

  static let history: [LogCheck] = [
    LogCheck("keeps that another run has taken the place of one") { make in
      let bench = try Bench(make)
      try await bench.append("gate.x", "run.b", "replace.x")
      #expect(try bench.log.history(of: first, limit: 9).map(\.kind) == [.cancelled])
      #expect(try bench.log.history(of: RunID(rawValue: 2), limit: 9) == [])
      await bench.log.close()
    },
    LogCheck("has a queued run take back what it has done when another one takes the place of all") { make in
      let bench = try Bench(make, startsAtOnce: false)
      try await bench.append("gate.x")
      let next = NextStep(1, by: "shop", owes: true)
      try await bench.change(.attempt(first, by: "shop"), .advance(first, to: next, outputs: nil))
      try await bench.change(.attempt(first, by: "shop"), .doubt(first, failure: "?"))
      try await bench.append("gate.x")
      try await bench.change(.revive(first))
      func states() throws -> [RunState] {
        try bench.log.runs(after: .start, states: Set(RunState.allCases), limit: 9).map(\.state)
      }
      #expect(try states() == [.queued, .pending])
      try await bench.append("replace.x")
      #expect(try states() == [.pending, .cancelled, .queued])
      #expect(try bench.log.run(first)?.isCancelled == true)
      #expect(bench.recorder.commits.last?.runs.map(\.id.rawValue).sorted() == [1, 3])
      await bench.log.close()
    },
    LogCheck("keeps what came to pass in a run with the changes that were possible") { make in
      let bench = try Bench(make)
      try await bench.append("run.a", "run.b")
      let due = bench.clock.now()
      var change = LogChange()
      change.append(.retry(first, due: due, failure: "no"), EventBatch(), entry(.failed, "pick"))
      change.append(.die(first, failure: "never"), EventBatch(), entry(.dead, "pick"))
      change.append(.wake(first))
      change.append(.attempt(first, by: "shop"))
      change.append(.finish(first, outputs: nil), EventBatch(), entry(.done, "pick", 2))
      #expect(try await bench.log.submit(change).runChanges == [true, false, true, true, true])
      #expect(
        try bench.log.history(of: first, limit: 10) == [entry(.failed, "pick"), entry(.done, "pick", 2)]
      )
      #expect(try bench.log.history(of: first, limit: 1) == [entry(.done, "pick", 2)])
      #expect(try bench.log.history(of: RunID(rawValue: 2), limit: 10) == [])
      await bench.log.close()
    },
    LogCheck("forgets what came to pass in a run with the run") { make in
      let bench = try Bench(make)
      try await bench.append("run.a", "run.b", "run.c")
      var change = LogChange()
      for run in (1...3).map(RunID.init) {
        change.append(.finish(run, outputs: nil), EventBatch(), entry(.done, "pick"))
      }
      try await bench.log.submit(change)
      try await bench.log.submit(LogChange(pruning: Pruning(before: LogPosition(rawValue: 2), limit: 10)))
      #expect(try bench.log.history(of: first, limit: 10) == [])
      #expect(try bench.log.history(of: RunID(rawValue: 2), limit: 10) == [entry(.done, "pick")])
      await bench.log.close()
    },
    LogCheck("has a run that ended without success go on from another step, and holds its gate again") {
      make in
      let bench = try Bench(make)
      try await bench.append("gate.x", "gate.x")
      let outputs = Array("{}".utf8)
      let resume = RunChange.resume(
        first,
        from: NextStep(2, by: "mail", owes: true),
        outputs: outputs
      )
      #expect(try await bench.change(resume, .cancel(first), resume) == [false, true, false])
      try await bench.change(.die(first, failure: "never"))
      #expect(try bench.log.run(first)?.state == .cancelled)
      #expect(try bench.log.run(RunID(rawValue: 2))?.state == .pending, "the next one at the gate")
      #expect(try await bench.change(resume) == [true])
      let resumed = try bench.log.run(first)
      #expect(resumed?.state == .queued && resumed?.step == 2 && resumed?.listener == "mail")
      #expect(resumed?.outputs == outputs && resumed?.failure == nil && resumed?.attempts == 0)
      #expect(resumed?.owes == true && resumed?.isCancelled == false)
      let next = RunID(rawValue: 2)
      try await bench.change(.attempt(next, by: "shop"), .finish(next, outputs: nil))
      #expect(try bench.log.run(first)?.state == .pending)
      await bench.log.close()
    },
    LogCheck("has a run go on from another step when nothing else waits for others") { make in
      let bench = try Bench(make)
      try await bench.append("run.a")
      for end in [RunChange.die(first, failure: "x"), .stick(first, failure: "x")] {
        #expect(try await bench.change(end) == [true])
        let resume = RunChange.resume(first, from: NextStep(0, by: "shop"), outputs: nil)
        #expect(try await bench.change(resume, .attempt(first, by: "shop")) == [true, true])
      }
      try await bench.change(.die(first, failure: "x"), .drop(first))
      #expect(
        try await bench.change(.resume(first, from: NextStep(0, by: "shop"), outputs: nil)) == [true]
      )
      #expect(try bench.log.run(first)?.state == .pending)
      await bench.log.close()
    },
  ]
}
