// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Testing

extension LogConformance {
  private static let family = (1...4).map { RunID(rawValue: $0) }
  private static let everyState = Set(RunState.allCases)

  /// A change by which the first run begins to wait for three branches.
  private static func forking(_ bench: Bench, needed: Int?, gate: String? = nil) -> LogChange {
    let branches = (0..<3).map { place in
      let names = RunNames(rule: "rule", revision: "r1", listener: "shop")
      let isQueued = gate != nil && place > 0
      var new = NewRun(position: LogPosition(rawValue: 1), names: names, state: isQueued ? .queued : .pending)
      new.step = 2 + place
      new.outputs = Array("{}".utf8)
      new.gate = gate.map { Array($0.utf8) }
      new.branch = Branch(of: family[0], fork: 1, place: place)
      return new
    }
    var change = LogChange()
    let hold = RunChange.hold(family[0], due: bench.clock.now() + .seconds(60), outputs: nil)
    change.append(hold, EventBatch(), nil, forking: Fork(1, branches: branches, needed: needed))
    return change
  }

  private static func states(_ bench: Bench) throws -> [RunState] {
    try bench.log.runs(after: .start, states: everyState, limit: 9).map(\.state)
  }

  static let branches: [LogCheck] = [
    LogCheck("has a run wait until its branches have ended") { make in
      let bench = try Bench(make)
      try await bench.append("run.a")
      let receipt = try await bench.log.submit(forking(bench, needed: 3))
      #expect(receipt.released.map(\.id) == Array(family[1...]))
      #expect(try bench.log.run(family[0])?.join == BranchJoin(open: 3, needed: 3))
      let branch = try bench.log.run(family[2])
      #expect(branch?.branch == Branch(of: family[0], fork: 1, place: 1) && branch?.step == 3)
      #expect(
        try bench.log.branches(of: family[0], fork: 1, after: 0, limit: 9).map(\.id) == Array(family[2...])
      )
      #expect(try bench.log.runs(of: LogPosition(rawValue: 1)).map(\.id) == [family[0]])
      #expect(try await bench.change(.wake(family[0])) == [false], "only its branches let it go on")
      for id in family[1...] { try await bench.change(.attempt(id, by: "shop")) }
      try await bench.change(.finish(family[1], outputs: nil), .finish(family[2], outputs: nil))
      #expect(try bench.log.run(family[0])?.join == BranchJoin(open: 1, needed: 1))
      let last = try await bench.log.submit(LogChange(runs: [.finish(family[3], outputs: nil)]))
      #expect(last.released.map(\.id) == [family[0]] && last.released.map(\.state) == [.pending])
      #expect(try bench.log.run(family[0])?.join == nil)
      await bench.log.close()
    },
    LogCheck("cancels the other branches once it is decided whether enough succeed") { make in
      let bench = try Bench(make)
      try await bench.append("run.a")
      try await bench.log.submit(forking(bench, needed: 1))
      try await bench.change(.attempt(family[1], by: "shop"), .attempt(family[2], by: "shop"))
      let receipt = try await bench.log.submit(LogChange(runs: [.finish(family[1], outputs: nil)]))
      #expect(receipt.cancelled.map(\.id) == [family[2]] && receipt.released == [])
      #expect(try states(bench) == [.waiting, .done, .cancelling, .cancelled])
      try await bench.change(.die(family[2], failure: "ended"))
      #expect(try states(bench) == [.pending, .done, .cancelled, .cancelled])
      await bench.log.close()
    },
    LogCheck("leaves a branch that has failed to the run that waits for it") { make in
      let bench = try Bench(make)
      try await bench.append("run.a")
      try await bench.log.submit(forking(bench, needed: 3, gate: "g"))
      try await bench.change(.attempt(family[1], by: "shop"), .die(family[1], failure: "no"))
      #expect(try states(bench) == [.pending, .failed, .cancelled, .cancelled])
      #expect(try await bench.change(.revive(family[1]), .drop(family[1])) == [false, false])
      #expect(try bench.log.newestRuns(states: RunState.revivable, before: nil, limit: 9) == [])
      await bench.log.close()
    },
    LogCheck("cancels the branches of a run that is cancelled, which goes on when they have ended") { make in
      let bench = try Bench(make)
      try await bench.append("gate.x")
      try await bench.log.submit(forking(bench, needed: 3, gate: "g"))
      try await bench.change(.attempt(family[1], by: "shop"))
      try await bench.append("replace.x")
      #expect(bench.recorder.commits.last?.cancelled.map(\.id).sorted() == [family[0], family[1]])
      #expect(try states(bench) == [.waiting, .cancelling, .cancelled, .cancelled, .queued])
      try await bench.change(.die(family[1], failure: "ended"))
      let run = try bench.log.run(family[0])
      #expect(run?.state == .pending && run?.isCancelled == true)
      try await bench.change(.attempt(family[0], by: "shop"), .abort(family[0], failure: "it was cancelled"))
      #expect(try states(bench).first == .cancelled && states(bench).last == .pending)
      await bench.log.close()
    },
    LogCheck("has branches that have ended take back what they have done") { make in
      let bench = try Bench(make)
      try await bench.append("run.a")
      try await bench.log.submit(forking(bench, needed: 3))
      for id in family[1...] { try await bench.change(.attempt(id, by: "shop"), .finish(id, outputs: nil)) }
      try await bench.change(.attempt(family[0], by: "shop"))
      var change = LogChange()
      let undoing = family[1...2].map { RunChange.undo($0, by: "earshot", outputs: Array("{}".utf8)) }
      let hold = RunChange.hold(family[0], due: bench.clock.now() + .seconds(60), outputs: nil)
      change.append(hold, EventBatch(), nil, forking: Fork(1, changes: undoing, needed: nil))
      #expect(try await bench.log.submit(change).released.map(\.id) == Array(family[1...2]))
      let branch = try bench.log.run(family[1])
      #expect(branch?.isCancelled == true && branch?.owes == true && branch?.listener == "earshot")
      #expect(try bench.log.run(family[0])?.join == BranchJoin(open: 2, needed: nil))
      for id in family[1...2] {
        try await bench.change(.attempt(id, by: "earshot"), .compensate(id, failure: "no", outputs: nil))
      }
      #expect(try states(bench) == [.pending, .compensated, .compensated, .done])
      #expect(
        try await bench.change(.undo(family[0], by: "earshot", outputs: nil)) == [false],
        "it is no branch"
      )
      await bench.log.close()
    },
    LogCheck("forgets branches with the run that they belong to, and not before") { make in
      let bench = try Bench(make)
      try await bench.append("run.a", "other", "other", "other")
      try await bench.log.submit(forking(bench, needed: 3))
      for id in family[1...2] { try await bench.change(.attempt(id, by: "shop"), .finish(id, outputs: nil)) }
      try await bench.append("run.b")
      let pruning = Pruning(before: LogPosition(rawValue: 5), keptTypes: [], limit: 100)
      try await bench.log.submit(LogChange(pruning: pruning))
      #expect(try states(bench) == [.waiting, .done, .done, .pending, .running], "its branches are needed")
      try await bench.change(.attempt(family[3], by: "shop"), .finish(family[3], outputs: nil))
      try await bench.change(.attempt(family[0], by: "shop"), .finish(family[0], outputs: nil))
      for _ in 0..<3 { try await bench.log.submit(LogChange(pruning: pruning)) }
      #expect(try bench.log.runs(after: .start, states: everyState, limit: 9).map(\.id.rawValue) == [5])
      await bench.log.close()
    },
  ]
}
