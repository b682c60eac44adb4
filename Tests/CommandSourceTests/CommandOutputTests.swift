// SPDX-License-Identifier: Apache-2.0

import EventModel
import CommandSource
import Processes
import Testing

@Suite struct CommandOutputTests {
  @Test func `makes an event of each line and of the end`() async throws {
    let sink = CollectingSink()
    let starter = ScriptedStarter([
      .init(output: Array("one\n\ntwo ".utf8) + [0xFF], error: Array("oops\n".utf8), exit: .exited(3))
    ])
    try await withCommand(CommandPlan(run: ["/x", "a"]), sink, starter: starter, clock: VirtualClock()) {
      let events = await sink.wait(for: 5)
      #expect(
        events.filter { $0.contains("stdout") } == [
          #"command.output {"line":"one","stream":"stdout","truncated":false}"#,
          #"command.output {"line":"","stream":"stdout","truncated":false}"#,
          #"command.output {"line":"two �","stream":"stdout","truncated":false}"#,
        ]
      )
      #expect(events.contains(#"command.output {"line":"oops","stream":"stderr","truncated":false}"#))
      #expect(events.last == #"command.exited {"status":3,"signal":null,"duration_ms":0}"#)
    }
    #expect(starter.programs.first?.path == "/x" && starter.programs.first?.arguments == ["a"])
    #expect(starter.programs.first?.environment == ["PATH": "/usr/bin:/bin"])
  }

  @Test func `cuts long lines and goes on with the next`() async throws {
    let sink = CollectingSink()
    let long = [UInt8](repeating: 0x78, count: 200_000)
    let starter = ScriptedStarter([.init(output: long + Array("\nnext\n".utf8))])
    try await withCommand(CommandPlan(run: ["/x"]), sink, starter: starter, clock: VirtualClock()) {
      let events = await sink.wait(for: 3)
      #expect(events[0].utf8.count < 66_000 && events[0].contains(#""truncated":true"#))
      #expect(events[1] == #"command.output {"line":"next","stream":"stdout","truncated":false}"#)
    }
  }

  @Test func `takes lines as events and says what is none`() async throws {
    let sink = CollectingSink()
    let output = "{\"type\":\"disk.full\",\"data\":{\"n\":1}}\n\nnothing\n"
    let starter = ScriptedStarter([.init(output: Array(output.utf8))])
    let plan = CommandPlan(run: ["/x"], format: .json)
    try await withCommand(plan, sink, starter: starter, clock: VirtualClock()) {
      let events = await sink.wait(for: 3)
      #expect(events[0] == #"disk.full {"n":1}"#)
      #expect(events[1].hasPrefix(#"command.output {"line":"nothing","stream":"stdout","truncated":false,"#))
      #expect(events[1].hasSuffix(#"[json-syntax]"}"#))
    }
  }

  @Test func `waits longer after each failure in a row`() async throws {
    let sink = CollectingSink()
    let clock = VirtualClock()
    let starter = ScriptedStarter([
      .init(exit: .exited(1)), .init(exit: .exited(1)), .init(exit: .exited(0)), .init(exit: .signalled(9)),
    ])
    try await withCommand(
      CommandPlan(run: ["/x"], restart: .seconds(2)),
      sink,
      starter: starter,
      clock: clock
    ) {
      for (round, pause) in [2, 4, 2].enumerated() {
        _ = await sink.wait(for: round + 1)
        await clock.waitForSleeper()
        clock.advance(by: .seconds(pause) - .milliseconds(1))
        await clock.waitForSleeper()
        #expect(starter.programs.count == round + 1)
        clock.advance(by: .milliseconds(1))
      }
      #expect(await sink.wait(for: 4).last == #"command.exited {"status":null,"signal":9,"duration_ms":0}"#)
    }
  }

  @Test func `runs again by its period`() async throws {
    let sink = CollectingSink()
    let clock = VirtualClock()
    let starter = ScriptedStarter([.init(exit: .exited(1))])
    try await withCommand(CommandPlan(run: ["/x"], every: .seconds(60)), sink, starter: starter, clock: clock)
    {
      for round in 1...3 {
        _ = await sink.wait(for: round)
        await clock.waitForSleeper()
        clock.advance(by: .seconds(60))
      }
      _ = await sink.wait(for: 4)
    }
    #expect(starter.programs.count == 4)
  }
}
