// SPDX-License-Identifier: Apache-2.0

import EventModel
import CommandSource
import Processes
import Testing

@Suite struct CommandProcessTests {
  @Test func `finds a program in the path and gives it what it may know`() async throws {
    let sink = CollectingSink()
    let plan = CommandPlan(run: ["env"], environment: ["ROOM": "7"], directory: "/")
    try await withCommand(plan, sink, clock: VirtualClock()) {
      let events = await sink.wait(for: 3)
      let lines = events.filter { $0.contains("stdout") }
      #expect(
        lines.count == 2 && lines.contains { $0.contains("PATH=") }
          && lines.contains { $0.contains("ROOM=7") }
      )
    }
  }

  @Test func `a program that is not there is an error`() async throws {
    await #expect(throws: StartFailure.self) {
      try await withCommand(CommandPlan(run: ["no-such-program"]), CollectingSink()) {}
    }
  }

  @Test func `stops a program at the end`() async throws {
    let sink = CollectingSink()
    try await withCommand(CommandPlan(run: ["sh", "-c", "echo up; exec sleep 1000"]), sink) {
      _ = await sink.wait(for: 1)
    }
    #expect(sink.events.last?.hasPrefix(#"command.exited {"status":null,"signal":15"#) == true)
  }

  @Test func `kills a program that does not want to stop`() async throws {
    let sink = CollectingSink()
    let script = "trap '' TERM; echo up; while :; do sleep 1; done"
    try await withCommand(CommandPlan(run: ["sh", "-c", script]), sink, grace: .milliseconds(20)) {
      _ = await sink.wait(for: 1)
    }
    #expect(sink.events.last?.hasPrefix(#"command.exited {"status":null,"signal":9"#) == true)
  }

  @Test func `ends a run that takes too long`() async throws {
    let sink = CollectingSink()
    let plan = CommandPlan(run: ["sleep", "1000"], every: .seconds(1000), timeout: .milliseconds(20))
    try await withCommand(plan, sink) {
      let end = await sink.wait(for: 1)[0]
      #expect(end.hasPrefix(#"command.exited {"status":null,"signal":15"#))
      #expect(end.hasSuffix(#""timed_out":true}"#))
    }
  }

  @Test func `does not read while its batches are under way`() async throws {
    let sink = CollectingSink(isOpen: false)
    try await withCommand(CommandPlan(run: ["yes", String(repeating: "y", count: 4000)]), sink) {
      while sink.batches < 4 { await Task.yield() }
      for _ in 0..<1000 { await Task.yield() }
      #expect(sink.batches == 4)
      sink.open()
      while sink.batches < 8 { await Task.yield() }
    }
  }

  @Test func `does not wait for a stray grandchild that holds the output open`() async throws {
    let sink = CollectingSink()
    let plan = CommandPlan(run: ["sh", "-c", "setsid sleep 3 & echo done"], every: .seconds(1000))
    try await withCommand(plan, sink, clock: VirtualClock()) {
      let events = await sink.wait(for: 2)
      #expect(events[1].hasPrefix(#"command.exited {"status":0"#))
    }
  }
}
