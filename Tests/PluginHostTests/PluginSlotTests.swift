// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import PluginWire
import Testing

@testable import PluginHost

/// The life of a plugin's process, without a process.
@Suite struct PluginSlotTests {
  private var slot = PluginSlot(
    .init(name: "p", concurrency: 2, idleStop: .seconds(60), settings: Array("{}".utf8))
  )
  private static let start = Timestamp(seconds: 1_000_000)

  private static func at(_ seconds: Int64) -> Timestamp { start + .seconds(seconds) }

  private static let hello = PluginMessage.hello(
    PluginDescription(name: "p", version: "1", actions: []),
    version: 1
  )

  private func run(_ ticket: UInt64, timeout: Int64 = 10_000) -> PluginRun {
    let empty = Array("{}".utf8)
    return PluginRun(
      ticket: ticket,
      request: RunRequest(
        id: 0,
        action: "a",
        key: "k",
        attempt: 1,
        timeout: timeout,
        rule: "r",
        with: empty,
        event: empty
      )
    )
  }

  private func effects(_ body: (inout [PluginSlot.Effect]) -> Void) -> [PluginSlot.Effect] {
    var effects: [PluginSlot.Effect] = []
    body(&effects)
    return effects
  }

  /// How many requests are in what is sent.
  private func requests(_ effects: [PluginSlot.Effect]) -> Int {
    effects.reduce(0) { count, effect in
      guard case .send(let bytes) = effect else { return count }
      return count
        + String(decoding: bytes, as: UTF8.self).split(separator: "\n").count { $0.contains("\"run\"") }
    }
  }

  @Test mutating func `starts with the first run, and sends no more than the plugin's credit`() {
    #expect(effects { slot.submit([run(1), run(2), run(3)], at: Self.at(0), &$0) } == [.start])
    #expect(requests(effects { slot.hear([Self.hello], at: Self.at(0), &$0) }) == 2)
    let more = effects { slot.hear([.reply(id: 1, .fail(message: "no"))], at: Self.at(1), &$0) }
    #expect(more.first == .finish([RunOutcome(ticket: 1, reply: .fail(message: "no"))]))
    #expect(requests(more) == 1)
    #expect(effects { slot.hear([.reply(id: 99, .fail(message: "?"))], at: Self.at(1), &$0) }.isEmpty)
  }

  @Test mutating func `stops when idle, and hardens when the plugin does not go`() {
    _ = effects { slot.submit([run(1)], at: Self.at(0), &$0) }
    _ = effects { slot.hear([Self.hello], at: Self.at(0), &$0) }
    _ = effects { slot.hear([.reply(id: 1, .ack(output: nil, emit: []))], at: Self.at(5), &$0) }
    #expect(slot.nextDeadline == Self.at(65))
    #expect(effects { slot.tick(at: Self.at(64), &$0) }.isEmpty)
    #expect(effects { slot.tick(at: Self.at(65), &$0) } == [.send(Array("{\"kind\":\"stop\"}\n".utf8))])
    #expect(effects { slot.tick(at: Self.at(70), &$0) } == [.signal(SIGTERM)])
    #expect(effects { slot.tick(at: Self.at(75), &$0) } == [.signal(SIGKILL)])
    #expect(effects { slot.noteEnd("ended", at: Self.at(75), &$0) }.isEmpty)
    #expect(slot.phase == .absent)
  }

  @Test mutating func `progress extends a run's time; without it the run is cancelled and answered for once`()
  {
    _ = effects { slot.submit([run(1)], at: Self.at(0), &$0) }
    _ = effects { slot.hear([Self.hello], at: Self.at(0), &$0) }
    _ = effects { slot.hear([.progress(id: 1)], at: Self.at(8), &$0) }
    #expect(effects { slot.tick(at: Self.at(10), &$0) }.isEmpty)
    let late = effects { slot.tick(at: Self.at(18), &$0) }
    #expect(late.first == .send(Array("{\"kind\":\"cancel\",\"id\":1}\n".utf8)))
    #expect(
      late.last
        == .finish([
          RunOutcome(ticket: 1, reply: .retry(message: "took longer than 10s", after: nil), isKnown: false)
        ])
    )
    #expect(effects { slot.hear([.reply(id: 1, .ack(output: nil, emit: []))], at: Self.at(19), &$0) }.isEmpty)
    #expect(slot.load == 0)
  }

  @Test mutating func `a run that is cancelled is answered for when the plugin has let go of it`() {
    _ = effects { slot.submit([run(1), run(2), run(3)], at: Self.at(0), &$0) }
    _ = effects { slot.hear([Self.hello], at: Self.at(0), &$0) }
    let cancelled = effects { slot.cancel([1, 3], at: Self.at(1), &$0) }
    let dropped = RunOutcome(ticket: 3, reply: .retry(message: "was cancelled", after: nil))
    #expect(cancelled == [.finish([dropped]), .send(Array("{\"kind\":\"cancel\",\"id\":1}\n".utf8))])
    #expect(effects { slot.cancel([1], at: Self.at(2), &$0) }.isEmpty, "it has been asked already")
    let reply = RunReply.retry(message: "cancelled", after: nil)
    let ended = effects { slot.hear([.reply(id: 1, reply)], at: Self.at(3), &$0) }
    #expect(ended == [.finish([RunOutcome(ticket: 1, reply: reply)])])
  }

  @Test mutating func `a plugin that does not let go of a cancelled run is ended, and the run is lost`() {
    _ = effects { slot.submit([run(1)], at: Self.at(0), &$0) }
    _ = effects { slot.hear([Self.hello], at: Self.at(0), &$0) }
    _ = effects { slot.cancel([1], at: Self.at(1), &$0) }
    _ = effects { slot.hear([.progress(id: 1)], at: Self.at(2), &$0) }
    #expect(effects { slot.tick(at: Self.at(6), &$0) } == [.signal(SIGKILL)])
    let answers = effects { slot.noteEnd("ended: signal 9", at: Self.at(6), &$0) }
    guard case .finish(let outcomes)? = answers.first else {
      Issue.record("nobody is told")
      return
    }
    #expect(outcomes.map(\.ticket) == [1] && outcomes.map(\.isKnown) == [false])
  }

  @Test mutating func `a plugin that heeds no cancellation is ended`() {
    _ = effects { slot.submit([run(1)], at: Self.at(0), &$0) }
    _ = effects { slot.hear([Self.hello], at: Self.at(0), &$0) }
    _ = effects { slot.tick(at: Self.at(10), &$0) }
    #expect(effects { slot.tick(at: Self.at(15), &$0) } == [.signal(SIGKILL)])
  }

  @Test mutating func `pauses longer from crash to crash, then refuses instead of waiting`() {
    var now = Self.at(0)
    var pauses: [Duration] = []
    for ticket in 1...4 as ClosedRange<UInt64> {
      _ = effects { slot.submit([run(ticket)], at: now, &$0) }
      _ = effects { slot.hear([Self.hello], at: now, &$0) }
      _ = effects { slot.noteEnd("ended", at: now, &$0) }
      guard case .pausing(let until) = slot.phase else { break }
      pauses.append(until - now)
      now = until
      _ = effects { slot.tick(at: now, &$0) }
    }
    #expect(pauses == [.milliseconds(100), .milliseconds(200), .milliseconds(400), .milliseconds(800)])
    _ = effects { slot.submit([run(5)], at: now, &$0) }
    _ = effects { slot.noteEnd("ended", at: now, &$0) }
    let refused = effects { slot.submit([run(6)], at: now, &$0) }
    #expect(
      refused == [.finish([RunOutcome(ticket: 6, reply: .retry(message: "'p' keeps ending", after: nil))])]
    )
  }

  @Test mutating func `a plugin that has kept ending is started again once its pause is over`() {
    var now = Self.at(0)
    for ticket in 1...20 as ClosedRange<UInt64> {
      #expect(effects { slot.submit([run(ticket)], at: now, &$0) } == [.start])
      _ = effects { slot.hear([Self.hello], at: now, &$0) }
      _ = effects { slot.noteEnd("ended", at: now, &$0) }
      guard case .pausing(let until) = slot.phase else { break }
      now = until
    }
    #expect(now == Self.at(0) + .milliseconds(100 * 1023) + .seconds(60 * 10))
  }

  @Test
  mutating func
    `a plugin that never says what it is is paused like one that crashes, and its runs are answered for`()
  {
    var now = Self.at(0)
    var said: [PluginSlot.Effect] = []
    _ = effects { slot.submit([run(1)], at: now, &$0) }
    for _ in 1...5 {
      now = now + .seconds(10)
      #expect(effects { slot.tick(at: now, &$0) } == [.signal(SIGKILL)])
      said = effects { slot.noteEnd("ended: signal 9", at: now, &$0) }
      guard case .pausing(let until) = slot.phase else { break }
      now = until
      _ = effects { slot.tick(at: now, &$0) }
    }
    let reason = "'p' keeps ending: it broke the protocol: it does not say what it is"
    let refusal = RunOutcome(ticket: 1, reply: .retry(message: reason, after: nil))
    #expect(said.last == .finish([refusal]))
  }

  @Test mutating func `what a process did is not said of the next one`() {
    _ = effects { slot.submit([run(1)], at: Self.at(0), &$0) }
    _ = effects { slot.noteEnd("ended: exit status 3", at: Self.at(0), &$0) }
    _ = effects { slot.noteViolation("not JSON", &$0) }
    _ = effects { slot.tick(at: Self.at(1), &$0) }
    let end = effects { slot.noteEnd("ended: exit status 4", at: Self.at(1), &$0) }
    #expect(end == [.report("'p' ended: exit status 4")])
  }

  @Test mutating func `closing answers for what was not begun and starts nothing again`() {
    _ = effects { slot.submit([run(1), run(2), run(3)], at: Self.at(0), &$0) }
    _ = effects { slot.hear([Self.hello], at: Self.at(0), &$0) }
    _ = effects { slot.close(at: Self.at(1), &$0) }
    let answers = effects { slot.noteEnd("ended", at: Self.at(2), &$0) }
    let tickets = answers.flatMap { effect -> [UInt64] in
      if case .finish(let outcomes) = effect { outcomes.map(\.ticket) } else { [] }
    }
    #expect(tickets == [1, 2, 3])
    #expect(slot.isGone)
  }
}
