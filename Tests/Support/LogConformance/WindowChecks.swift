// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import EventSources
import Testing

extension LogConformance {
  static let windows: [LogCheck] = [
    LogCheck("keeps a window for each key, with what it holds and when it is due") { make in
      let bench = try Bench(make)
      let start = bench.log.clock.now()
      try await bench.append("hold.a", "hold.b", "hold.a")
      let windows = try bench.log.windows(of: nil, limit: 10)
      #expect(windows.map(\.key) == [Array("a".utf8), Array("b".utf8)])
      #expect(windows.map(\.content) == [[0, 1], [0]])
      #expect(windows.allSatisfy { $0.due == start + PrefixRouter.span && $0.owner == "owner" })
      #expect(try bench.log.nextWindowDue() == start + PrefixRouter.span)
      #expect(bench.recorder.commits.map(\.due) == [start + PrefixRouter.span])
      #expect(try bench.log.windowCounts() == ["owner": 2])
      #expect(try bench.log.windows(of: nil, limit: 1) == [windows[0]])
      #expect(try bench.log.windows(of: "owner", limit: 9) == windows)
      #expect(try bench.log.windows(of: "other", limit: 9) == [])
      #expect(try bench.log.window(windows[1].id) == windows[1])
      #expect(try bench.log.window(99) == nil)
      await bench.log.close()
    },
    LogCheck("closes the windows that are due, the earliest first, and no other") { make in
      let bench = try Bench(make)
      try await bench.append("hold.a")
      bench.clock.advance(by: .seconds(4))
      try await bench.append("hold.b")
      bench.clock.advance(by: .seconds(4))
      try await bench.append("hold.c")
      #expect(try await bench.wish(.closeDue(limit: 9)) == [false])
      bench.clock.advance(by: .seconds(6))
      #expect(try await bench.wish(.closeDue(limit: 1)) == [true])
      #expect(try bench.log.windows(of: nil, limit: 9).map(\.key) == [Array("b".utf8), Array("c".utf8)])
      #expect(try await bench.wish(.closeDue(limit: 9)) == [true])
      #expect(try bench.log.windows(of: nil, limit: 9).map(\.key) == [Array("c".utf8)])
      #expect(bench.recorder.commits.flatMap(\.runs).count == 2)
      await bench.log.close()
    },
    LogCheck("does with a window what a person wishes") { make in
      let bench = try Bench(make)
      try await bench.append("hold.a", "hold.b", "hold.c")
      let windows = try bench.log.windows(of: nil, limit: 9)
      let wishes: [WindowWish] = [
        .extend(windows[0].id, by: .seconds(5)), .cancel(windows[1].id), .fire(windows[2].id),
        .fire(windows[2].id),
      ]
      #expect(try await bench.wish(wishes) == [true, true, true, false])
      #expect(try bench.log.windows(of: nil, limit: 9).map(\.due) == [windows[0].due + .seconds(5)])
      #expect(try bench.log.runs(of: LogPosition(rawValue: 1)).count == 1)
      await bench.log.close()
    },
    LogCheck("has all windows of an owner looked at again") { make in
      let bench = try Bench(make)
      try await bench.append("hold.a", "hold.b")
      #expect(try await bench.wish(.review(owner: "other")) == [false])
      #expect(try await bench.wish(.review(owner: "owner")) == [true])
      #expect(try bench.log.nextWindowDue() == bench.log.clock.now())
      #expect(try await bench.wish(.closeDue(limit: 9)) == [true])
      #expect(try bench.log.windowCounts() == [:])
      await bench.log.close()
    },
    LogCheck("opens a window once, and lets it go on with what the log holds") { make in
      let bench = try Bench(make)
      try await bench.append("a", "hold.x", "c", "d")
      let due = bench.log.clock.now() + .seconds(1)
      let open = WindowWish.open(owner: "owner", key: [7], due: due, content: [9], oldest: nil)
      #expect(try await bench.wish(open, open) == [true, false])
      let window = try #require(try bench.log.windows(of: "owner", limit: 1).first)
      #expect(window.key == [7] && window.due == due && window.content == [9])
      #expect(try await bench.wish(.advance(window.id, limit: 2)) == [true])
      #expect(try bench.log.window(window.id)?.content == [2, 3, 2])
      await bench.log.close()
    },
    LogCheck("forgets the windows of an owner") { make in
      let bench = try Bench(make)
      try await bench.append("hold.a", "hold.b", "hold.c")
      #expect(try await bench.wish(.forget(owner: "other", limit: 9)) == [false])
      #expect(try await bench.wish(.forget(owner: "owner", limit: 2)) == [true])
      #expect(try bench.log.windowCounts() == ["owner": 1])
      await bench.log.close()
    },
    LogCheck("finds a run by all its events, also one that is made later than others") { make in
      let bench = try Bench(make)
      try await bench.append("other", "run.a", "run.b")
      try await bench.append("late.a", "run.c")
      func runs(_ position: Int64) throws -> [Int64] {
        try bench.log.runs(of: LogPosition(rawValue: position)).map(\.id.rawValue)
      }
      #expect(try (1...5).map(runs) == [[3], [1], [2], [3], [4]])
      let decided = try (1...5).map { try bench.log.decisions(of: LogPosition(rawValue: $0)).map(\.kind) }
      #expect(decided == [[.joined], [], [], [.joined], []])
      #expect(try bench.log.run(RunID(rawValue: 3))?.inputs.map(\.rawValue) == [1, 4])
      let event = try JSONDocument(bench.log.work(of: [RunID(rawValue: 3)])[0].event).root
      #expect(event["sequence"]?.string == "1")
      await bench.log.close()
    },
    LogCheck("remembers what was decided about an event") { make in
      let bench = try Bench(make)
      try await bench.append("note", "other")
      let first = LogPosition(rawValue: 1)
      #expect(try bench.log.decisions(of: first) == [Decision(.throttled, of: first, rule: "rule")])
      #expect(try bench.log.decisions(of: first.next) == [])
      await bench.log.close()
    },
    LogCheck("gives events by their positions") { make in
      let bench = try Bench(make)
      try await bench.append("a", "b", "c")
      let events = try bench.log.events(at: [3, 9, 1].map(LogPosition.init)).map { try JSONDocument($0).root }
      #expect(
        events.map { $0["type"]?.string } == ["c", "a"]
          && events.map { $0["sequence"]?.string } == ["3", "1"]
      )
      await bench.log.close()
    },
  ]

  static let succession: [LogCheck] = [
    LogCheck("lets the run that has been queued for longest go on when the one before it ends") { make in
      let bench = try Bench(make)
      try await bench.append("gate.x", "gate.x", "gate.y", "gate.x")
      #expect(try bench.states() == [.running, .queued, .running, .queued])
      #expect(try bench.log.runsInWait(limit: 9).map(\.id) == [run(2), run(4)])
      #expect(try bench.log.runsInWait(limit: 1).map(\.id) == [run(2)])
      #expect(try await bench.changed(.finish(run(1), outputs: nil)) == [2])
      #expect(try bench.states() == [.done, .pending, .running, .queued])
      #expect(try await bench.changed(.attempt(run(2), by: "shop"), .die(run(2), failure: "x")) == [4])
      #expect(try await bench.changed(.revive(run(2))) == [])
      #expect(try bench.states() == [.done, .queued, .running, .pending])
      #expect(try await bench.changed(.cancel(run(4))) == [2])
      #expect(try bench.states() == [.done, .pending, .running, .cancelled])
      await bench.log.close()
    },
    LogCheck("lets the run that has been behind for longest go on when the one before it leaves the listener")
    { make in
      let bench = try Bench(make)
      try await bench.append("turn.x", "turn.x", "turn.y", "turn.x")
      #expect(try bench.states() == [.running, .behind, .running, .behind])
      let now = bench.log.clock.now()
      #expect(try await bench.changed(.retry(run(1), due: now, failure: "x"), .wake(run(1))) == [])
      #expect(try bench.states() == [.pending, .behind, .running, .behind])
      let advance = RunChange.advance(
        run(1),
        to: NextStep(1, by: "mail", turn: Array("m".utf8)),
        outputs: nil
      )
      #expect(try await bench.changed(.attempt(run(1), by: "shop"), advance) == [2])
      #expect(try bench.states() == [.pending, .pending, .running, .behind])
      let second = RunChange.advance(run(2), to: NextStep(1, by: "mail", turn: Array("m".utf8)), outputs: nil)
      #expect(try await bench.changed(.attempt(run(2), by: "shop"), second) == [4])
      #expect(try bench.states() == [.pending, .behind, .running, .pending])
      #expect(try await bench.changed(.attempt(run(1), by: "mail"), .finish(run(1), outputs: nil)) == [2])
      await bench.log.close()
    },
    LogCheck("cancels what has not begun at once, and an attempt when it ends") { make in
      let bench = try Bench(make)
      try await bench.append("gate.x", "gate.x", "replace.x")
      #expect(try bench.states() == [.cancelling, .cancelled, .queued])
      #expect(bench.recorder.commits.flatMap(\.cancelled).map(\.id) == [run(1)])
      let now = bench.log.clock.now()
      #expect(try await bench.changed(.retry(run(1), due: now, failure: "stopped")) == [3])
      #expect(try bench.states() == [.cancelled, .cancelled, .pending])
      #expect(try bench.log.run(run(1))?.failure == "stopped")
      #expect(
        try await bench.change(.cancel(run(1)), .wake(run(1)), .revive(run(1))) == [false, false, false]
      )
      await bench.log.close()
    },
    LogCheck("lets what was behind a run go on when a router cancels that, and tells of it") { make in
      let bench = try Bench(make)
      try await bench.append("both.x", "turn.x")
      let now = bench.log.clock.now()
      #expect(try await bench.changed(.retry(run(1), due: now, failure: "x")) == [])
      #expect(try bench.states() == [.waiting, .behind])
      try await bench.append("replace.x")
      #expect(try bench.states() == [.cancelled, .pending, .running])
      let told = bench.recorder.commits.last?.runs.map { ($0.id, $0.state) } ?? []
      #expect(told.map(\.0) == [run(2), run(3)] && told.map(\.1) == [.pending, .running])
      await bench.log.close()
    },
    LogCheck("keeps what a cancelled attempt has achieved all the same") { make in
      let bench = try Bench(make)
      try await bench.append("run.a", "run.b")
      try await bench.change(.cancel(run(1)), .cancel(run(2)))
      let outputs = Array("{}".utf8)
      try await bench.change(
        .finish(run(1), outputs: outputs),
        .advance(run(2), to: NextStep(1, by: "mail"), outputs: outputs)
      )
      #expect(try bench.states() == [.done, .cancelled])
      #expect(try bench.log.run(run(2))?.outputs == outputs)
      await bench.log.close()
    },
    LogCheck("lets a waiting run wait longer") { make in
      let bench = try Bench(make)
      try await bench.append("run.a")
      let now = bench.log.clock.now()
      #expect(try await bench.change(.postpone(run(1), due: now)) == [false])
      try await bench.change(.retry(run(1), due: now, failure: "x"))
      #expect(try await bench.change(.postpone(run(1), due: now + .seconds(9))) == [true])
      #expect(try bench.log.nextDue() == now + .seconds(9))
      #expect(try bench.log.run(run(1))?.failure == "x")
      await bench.log.close()
    },
  ]

  private static func run(_ id: Int64) -> RunID { RunID(rawValue: id) }
}

extension Bench {
  func wish(_ wishes: WindowWish...) async throws -> [Bool] { try await wish(wishes) }

  func wish(_ wishes: [WindowWish]) async throws -> [Bool] {
    try await log.submit(LogChange(windows: wishes)).windows
  }

  func states() throws -> [RunState] {
    try log.runs(after: .start, states: Set(RunState.allCases), limit: 100).map(\.state)
  }

  /// Changes runs, each of which must be possible, and gives those that are let go on.
  func changed(_ changes: RunChange...) async throws -> [Int64] {
    let receipt = try await log.submit(LogChange(runs: changes))
    #expect(receipt.runChanges.allSatisfy { $0 })
    return receipt.released.map(\.id.rawValue)
  }
}
