// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources
import Testing

extension LogConformance {
  private static let first = RunID(rawValue: 1)

  static let routing: [LogCheck] = [
    LogCheck("makes the runs that the router asks for, once for each stored event") { make in
      let bench = try Bench(make)
      try await bench.append("run.a", "other", "run.b", "run.a", ids: ["1", "2", "3", "1"])
      let runs = try bench.log.runs(after: .start, states: Set(RunState.allCases), limit: 10)
      #expect(runs.map(\.position.rawValue) == [1, 3])
      #expect(runs.map(\.id.rawValue) == [1, 2])
      #expect(runs.allSatisfy { $0.rule == "rule" && $0.revision == "r1" && $0.step == 0 })
      #expect(runs == bench.recorder.commits.flatMap(\.runs))
      await bench.log.close()
    },
    LogCheck("counts the first attempt of a run that starts at once") { make in
      let bench = try Bench(make, startsAtOnce: true)
      try await bench.append("run.a")
      #expect(try bench.log.run(first).map { [$0.state == .running, $0.attempts == 1] } == [true, true])
      await bench.log.close()
    },
    LogCheck("counts no attempt of a run that has to wait") { make in
      let bench = try Bench(make, startsAtOnce: false)
      try await bench.append("run.a")
      #expect(try bench.log.run(first).map { [$0.state == .pending, $0.attempts == 0] } == [true, true])
      #expect(try bench.log.run(RunID(rawValue: 2)) == nil)
      await bench.log.close()
    },
  ]

  static let runs: [LogCheck] = [
    LogCheck("leads a run through failures to its end") { make in
      let bench = try Bench(make)
      try await bench.append("run.a")
      let due = bench.clock.now() + .seconds(5)
      #expect(try await bench.change(.retry(first, due: due, failure: "no")) == [true])
      #expect(try bench.log.run(first)?.due == due)
      #expect(try bench.log.run(first)?.failure == "no")
      #expect(
        try await bench.change(.attempt(first, by: "shop"), .wake(first), .attempt(first, by: "shop")) == [
          false, true, true,
        ]
      )
      #expect(try bench.log.run(first)?.attempts == 2)
      #expect(try bench.log.run(first)?.due == nil)
      #expect(
        try await bench.change(.advance(first, to: NextStep(1, by: "mail"), outputs: Array("{}".utf8))) == [
          true
        ]
      )
      let advanced = try bench.log.run(first)
      #expect(advanced?.step == 1 && advanced?.attempts == 0 && advanced?.state == .pending)
      #expect(advanced?.listener == "mail")
      #expect(advanced?.outputs == Array("{}".utf8) && advanced?.failure == nil)
      #expect(
        try await bench.change(.attempt(first, by: "mail"), .finish(first, outputs: nil)) == [true, true]
      )
      #expect(try bench.log.run(first)?.state == .done)
      await bench.log.close()
    },
    LogCheck("lets a step wait that has not failed") { make in
      let bench = try Bench(make)
      try await bench.append("run.a")
      let due = bench.clock.now() + .seconds(5)
      let hold = RunChange.hold(first, due: due, outputs: Array("{}".utf8))
      #expect(try await bench.change(hold, hold) == [true, false])
      let held = try bench.log.run(first)
      #expect(held?.state == .waiting && held?.due == due && held?.failure == nil)
      #expect(held?.outputs == Array("{}".utf8) && held?.step == 0 && held?.attempts == 1)
      #expect(try bench.log.dueRuns(at: due, limit: 9).map(\.id) == [first])
      try await bench.change(.wake(first), .attempt(first, by: "shop"), .cancel(first))
      #expect(try await bench.change(hold) == [true])
      #expect(try bench.log.run(first)?.state == .cancelled)
      await bench.log.close()
    },
    LogCheck("lets a person retry or drop a dead run") { make in
      let bench = try Bench(make)
      try await bench.append("run.a")
      #expect(try await bench.change(.die(first, failure: "gave up")) == [true])
      #expect(try bench.log.run(first)?.failure == "gave up")
      #expect(try await bench.change(.revive(first)) == [true])
      #expect(try bench.log.run(first).map { $0.state == .pending && $0.attempts == 0 } == true)
      #expect(
        try await bench.change(.attempt(first, by: "shop"), .die(first, failure: "x"), .drop(first)) == [
          true, true, true,
        ]
      )
      #expect(try bench.log.run(first)?.state == .dropped)
      await bench.log.close()
    },
    LogCheck("ends a run that has taken back what it had done, and lets a person retry one that cannot") {
      make in
      let bench = try Bench(make)
      try await bench.append("run.a", "run.b", "run.c")
      let ids = (1...3).map { RunID(rawValue: $0) }
      let outputs = Array("{}".utf8)
      #expect(
        try await bench.change(
          .compensate(ids[0], failure: "no", outputs: outputs),
          .stick(ids[1], failure: "never"),
          .stick(ids[2], failure: "never")
        ) == [true, true, true]
      )
      let ended = try bench.log.run(ids[0])
      #expect(ended?.state == .compensated && ended?.failure == "no" && ended?.outputs == outputs)
      #expect(try bench.log.run(ids[1])?.failure == "never")
      #expect(
        try bench.log.newestRuns(states: RunState.revivable, before: nil, limit: 9).map(\.id) == [
          ids[2], ids[1],
        ]
      )
      #expect(try await bench.change(.revive(ids[0]), .drop(ids[0])) == [false, false])
      #expect(try await bench.change(.revive(ids[1]), .drop(ids[2])) == [true, true])
      let states = try bench.log.runs(after: .start, states: Set(RunState.allCases), limit: 9).map(\.state)
      #expect(states == [.compensated, .pending, .dropped])
      try await bench.change(.attempt(ids[1], by: "shop"), .cancel(ids[1]))
      #expect(try await bench.change(.stick(ids[1], failure: "x")) == [true])
      #expect(try bench.log.run(ids[1])?.state == .cancelled)
      await bench.log.close()
    },
    LogCheck("lets a run that owes go on when it is cancelled, and keeps in mind that it is") { make in
      let bench = try Bench(make)
      try await bench.append("run.a", "run.b", "run.c")
      let ids = (1...3).map { RunID(rawValue: $0) }
      let next = NextStep(1, by: "mail", owes: true)
      for id in ids { #expect(try await bench.change(.advance(id, to: next, outputs: nil)) == [true]) }
      #expect(try bench.log.run(first)?.owes == true && bench.log.run(first)?.isCancelled == false)
      try await bench.change(.attempt(ids[1], by: "mail"), .attempt(ids[2], by: "mail"))
      try await bench.change(.retry(ids[2], due: bench.log.clock.now() + .seconds(9), failure: "x"))
      for (id, released) in zip(ids, [[], [], [ids[2]]]) {
        let receipt = try await bench.log.submit(LogChange(runs: [.cancel(id)]))
        #expect(receipt.runChanges == [true] && receipt.released.map(\.id) == released)
      }
      let cancelled = try bench.log.runs(after: .start, states: Set(RunState.allCases), limit: 9)
      #expect(
        cancelled.map(\.state) == [.pending, .running, .pending] && cancelled.allSatisfy(\.isCancelled)
      )
      #expect(try bench.log.nextDue() == nil)
      try await bench.change(
        .attempt(first, by: "mail"),
        .advance(first, to: NextStep(2, by: "mail"), outputs: nil)
      )
      #expect(try bench.log.run(first)?.owes == false)
      await bench.log.close()
    },
    LogCheck("keeps a run whose outcome is not known until somebody decides") { make in
      let bench = try Bench(make)
      try await bench.append("run.a", "run.b", "run.c", "run.d")
      let ids = (1...4).map { RunID(rawValue: $0) }
      for id in ids { #expect(try await bench.change(.doubt(id, failure: "who knows")) == [true]) }
      #expect(try bench.log.run(first)?.state == .uncertain)
      #expect(try bench.log.run(first)?.failure == "who knows")
      let uncertain = try bench.log.newestRuns(states: [.uncertain], before: nil, limit: 9).map(\.id)
      #expect(uncertain == ids.reversed())
      #expect(
        try await bench.change(
          .advance(ids[0], to: NextStep(1, by: "mail"), outputs: nil),
          .finish(ids[1], outputs: nil),
          .revive(ids[2]),
          .drop(ids[3])
        ) == [true, true, true, true]
      )
      let states = try bench.log.runs(after: .start, states: Set(RunState.allCases), limit: 9).map(\.state)
      #expect(states == [.pending, .done, .pending, .dropped])
      #expect(try bench.log.run(first)?.step == 1)
      await bench.log.close()
    },
    LogCheck("counts how often the host's end has interrupted a step") { make in
      let bench = try Bench(make)
      try await bench.append("run.a")
      let due = bench.log.clock.now()
      for count in 1...2 {
        #expect(
          try await bench.change(.interrupt(first, due: due, failure: "x"), .wake(first)) == [true, true]
        )
        #expect(try bench.log.run(first)?.interruptions == count)
        #expect(try bench.log.interruptedRuns(limit: 9).isEmpty, "it does not wait any more")
        try await bench.change(.attempt(first, by: "shop"))
      }
      try await bench.change(.retry(first, due: due, failure: "y"), .wake(first), .attempt(first, by: "shop"))
      #expect(try bench.log.run(first)?.interruptions == 2)
      try await bench.change(.retry(first, due: due, failure: "z"))
      #expect(try bench.log.interruptedRuns(limit: 9).map(\.id) == [first])
      try await bench.change(.wake(first), .attempt(first, by: "shop"))
      try await bench.change(.advance(first, to: NextStep(1, by: "mail"), outputs: nil))
      #expect(try bench.log.run(first)?.interruptions == 0)
      await bench.log.close()
    },
    LogCheck("finds attempts under way and those that are to be cancelled, alone and together") { make in
      let bench = try Bench(make)
      try await bench.append("run.a", "run.b", "run.c")
      try await bench.change(.cancel(first), .finish(RunID(rawValue: 2), outputs: nil))
      func ids(_ states: Set<RunState>) throws -> [Int64] {
        try bench.log.runs(after: .start, states: states, limit: 9).map(\.id.rawValue)
      }
      #expect(
        try ids([.running]) == [3] && ids([.cancelling]) == [1] && ids([.running, .cancelling]) == [1, 3]
      )
      await bench.log.close()
    },
    LogCheck("finds dead and uncertain runs, alone and together") { make in
      let bench = try Bench(make)
      try await bench.append("run.a", "run.b", "run.c")
      try await bench.change(.die(first, failure: "x"), .doubt(RunID(rawValue: 3), failure: "y"))
      func ids(_ states: Set<RunState>) throws -> [Int64] {
        try bench.log.newestRuns(states: states, before: nil, limit: 9).map(\.id.rawValue)
      }
      #expect(try ids([.dead]) == [1] && ids([.uncertain]) == [3] && ids([.dead, .uncertain]) == [3, 1])
      await bench.log.close()
    },
    LogCheck("leaves a run alone that a change does not fit") { make in
      let bench = try Bench(make)
      try await bench.append("run.a")
      let before = try bench.log.run(first)
      #expect(
        try await bench.change(.attempt(first, by: "shop"), .drop(first), .revive(first)) == [
          false, false, false,
        ]
      )
      #expect(try await bench.change(.attempt(RunID(rawValue: 99), by: "shop")) == [false])
      #expect(try bench.log.run(first) == before)
      await bench.log.close()
    },
    LogCheck("begins no attempt by a listener whose turn it is not") { make in
      let bench = try Bench(make, startsAtOnce: false)
      try await bench.append("run.a")
      let (shop, mail) = (RunChange.attempt(first, by: "shop"), RunChange.attempt(first, by: "mail"))
      #expect(try await bench.change(mail, shop) == [false, true])
      try await bench.change(.advance(first, to: NextStep(1, by: "mail"), outputs: nil))
      #expect(try await bench.change(shop, mail) == [false, true])
      #expect(try bench.log.run(first)?.attempts == 1)
      await bench.log.close()
    },
    LogCheck("finds runs by state and in pages") { make in
      let bench = try Bench(make)
      try await bench.append("run.a", "run.b", "run.c", "run.d")
      try await bench.change(
        .die(RunID(rawValue: 2), failure: "x"),
        .finish(RunID(rawValue: 3), outputs: nil)
      )
      func ids(_ after: Int64, _ states: Set<RunState>, _ limit: Int) throws -> [Int64] {
        try bench.log.runs(after: RunID(rawValue: after), states: states, limit: limit).map(\.id.rawValue)
      }
      #expect(try ids(0, [.running], 10) == [1, 4])
      #expect(try ids(0, [.dead, .done], 1) == [2])
      #expect(try ids(2, [.dead, .done], 10) == [3])
      #expect(try ids(0, [.waiting], 10).isEmpty)
      await bench.log.close()
    },
    LogCheck("finds what waits in each lane") { make in
      let bench = try Bench(make, startsAtOnce: false)
      #expect(try bench.log.pendingLanes().isEmpty)
      try await bench.append("run.a", "run.b", "run.c", "run.d", "other-rule")
      let second = RunID(rawValue: 2)
      try await bench.change(
        .attempt(second, by: "shop"),
        .advance(second, to: NextStep(1, by: "mail"), outputs: nil)
      )
      try await bench.change(.attempt(RunID(rawValue: 3), by: "shop"))
      func lane(_ listener: String, _ rule: String = "rule") -> LaneName {
        LaneName(listener: listener, rule: rule)
      }
      #expect(try bench.log.pendingLanes() == [lane("shop"), lane("mail"), lane("shop", "other")])
      func ids(_ lane: LaneName, _ after: Int64, _ limit: Int) throws -> [Int64] {
        try bench.log.pendingWork(of: lane, after: RunID(rawValue: after), limit: limit).work.map(
          \.run.id.rawValue
        )
      }
      #expect(try ids(lane("shop"), 0, 10) == [1, 4])
      #expect(try ids(lane("shop"), 0, 1) == [1])
      #expect(try ids(lane("shop"), 1, 10) == [4])
      #expect(try ids(lane("mail"), 0, 10) == [2])
      #expect(try ids(lane("shop", "other"), 0, 10) == [5])
      #expect(try ids(lane("nobody"), 0, 10).isEmpty)
      await bench.log.close()
    },
    LogCheck("finds the runs of an event") { make in
      let bench = try Bench(make)
      try await bench.append("run.a", "other", "run.b", "run.c")
      let found = try (1...5).map { try bench.log.runs(of: LogPosition(rawValue: $0)).map(\.id.rawValue) }
      #expect(found == [[1], [], [2], [3], []])
      await bench.log.close()
    },
    LogCheck("finds the newest runs of some states, page by page") { make in
      let bench = try Bench(make)
      try await bench.append("run.a", "run.b", "run.c", "run.d")
      try await bench.change(.finish(RunID(rawValue: 3), outputs: nil))
      func ids(_ states: Set<RunState>, before: Int64?, _ limit: Int) throws -> [Int64] {
        try bench.log.newestRuns(states: states, before: before.map(RunID.init), limit: limit).map(
          \.id.rawValue
        )
      }
      #expect(try ids([.running], before: nil, 2) == [4, 2])
      #expect(try ids([.running], before: 2, 2) == [1])
      #expect(try ids([.running, .done], before: 4, 9) == [3, 2, 1])
      await bench.log.close()
    },
    LogCheck("gives runs with their events, in the order asked for") { make in
      let bench = try Bench(make)
      try await bench.append("run.a", "other", "run.b")
      let ids = [2, 9, 1].map(RunID.init(rawValue:))
      let work = try bench.log.work(of: ids)
      #expect(work.map(\.run.id) == [ids[0], ids[2]])
      #expect(work.map(\.run) == [try bench.log.run(ids[0]), try bench.log.run(ids[2])])
      let events = try work.map { try JSONDocument($0.event).root }
      #expect(events.map { $0["type"]?.string } == ["run.b", "run.a"])
      #expect(events.map { $0["sequence"]?.string } == ["3", "1"])
      await bench.log.close()
    },
    LogCheck("finds what is due, the earliest first") { make in
      let bench = try Bench(make)
      try await bench.append("run.a", "run.b", "run.c")
      let now = bench.clock.now()
      #expect(try bench.log.nextDue() == nil)
      for (id, seconds) in [(1, 9), (2, 5), (3, 7)] as [(Int64, Int64)] {
        try await bench.change(.retry(RunID(rawValue: id), due: now + .seconds(seconds), failure: "x"))
      }
      #expect(try bench.log.nextDue() == now + .seconds(5))
      #expect(try bench.log.dueRuns(at: now + .seconds(4), limit: 9).isEmpty)
      #expect(try bench.log.dueRuns(at: now + .seconds(7), limit: 9).map(\.id.rawValue) == [2, 3])
      #expect(try bench.log.dueRuns(at: now + .seconds(99), limit: 1).map(\.id.rawValue) == [2])
      await bench.log.close()
    },
    LogCheck("appends what comes of a change to a run only if that change is possible") { make in
      let bench = try Bench(make)
      try await bench.append("run.a")
      var change = LogChange(events: try bench.batch(["x"]))
      change.append(.finish(first, outputs: nil), try bench.batch(["finished"]))
      change.append(.finish(first, outputs: nil), try bench.batch(["finished again"]))
      let receipt = try await bench.log.submit(change)
      #expect(receipt.runChanges == [true, false] && receipt.outcomes.positions == [2, 3])
      let types = try bench.log.events(at: [2, 3].map(LogPosition.init)).map {
        try JSONDocument($0).root["type"]?.string
      }
      #expect(types == ["x", "finished"])
      await bench.log.close()
    },
    LogCheck("commits run changes, events and checkpoints of one change together") { make in
      let bench = try Bench(make)
      try await bench.append("run.a")
      let change = LogChange(events: try bench.batch(["run.b"]), runs: [.finish(first, outputs: nil)])
      #expect(
        try await bench.log.submit(change)
          == LogReceipt(outcomes: [.appended(LogPosition(rawValue: 2))], runChanges: [true])
      )
      #expect(try bench.log.run(RunID(rawValue: 2))?.position == LogPosition(rawValue: 2))
      await bench.log.close()
    },
  ]
}
