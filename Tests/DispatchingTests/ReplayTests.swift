// SPDX-License-Identifier: Apache-2.0

import Dispatching
import DurableLog
import EventModel
import PluginWire
import Testing

/// Events of the past that are sent to rules again.
@Suite struct ReplayTests {
  private static let plain = """
    rules:
      r:
        trigger: { type: x }
        condition: event.data.n > 1
        actions: { uses: shop.pick, with: { n: "${{ event.data.n }}" } }
      other:
        trigger: { type: x }
        actions: { emit: { type: y } }
    """

  /// Four events `x`, ten seconds apart, that were dealt with.
  private static func bench(_ rules: String = plain) async throws -> TimedBench {
    let bench = try TimedBench(rules)
    for n in 1...4 {
      try await bench.append("x", ["n": .number("\(n)"), "k": .number("\(n % 2)")])
      await bench.pass(.seconds(10))
    }
    await bench.pass(.seconds(3600))
    _ = bench.runner.take()
    return bench
  }

  private static func choice(_ last: Int64 = 100, type: String? = nil, where condition: String? = nil)
    -> Replay.Choice
  {
    Replay.Choice(
      from: LogPosition(rawValue: 1),
      through: LogPosition(rawValue: last),
      type: type,
      where: condition,
      to: ["r"]
    )
  }

  private static func numbers(_ bench: TimedBench) -> [String?] { bench.runner.take().map { $0["n"]?.json } }

  /// The events that tell of replays.
  private static func notices(_ bench: TimedBench) throws -> [String] {
    let page = try bench.log.events(from: .start, limit: 1000)
    let types = try page.entries.indices.compactMap {
      try JSONDocument(Array(page.json($0))).root["type"]?.string
    }
    return types.filter { $0.hasPrefix("earshot.replay.") }
  }

  @Test func `sends chosen events to the chosen rule, once, and says so`() async throws {
    let bench = try await Self.bench()
    let last = try bench.log.lastPosition()
    let replay = try await bench.dispatcher.replay(Self.choice(), pace: nil)
    await bench.pass(.zero)
    #expect(Self.numbers(bench) == ["2", "3", "4"])
    await bench.pass(.seconds(3600))
    #expect(try Self.numbers(bench) == [] && bench.dispatcher.replays().isEmpty)
    #expect(try Self.notices(bench) == ["earshot.replay.started", "earshot.replay.finished"])
    // Nothing but the two notices came of it, and the other rule has not heard of it.
    #expect(try bench.log.lastPosition().rawValue == last.rawValue + 2)
    let runs = try bench.log.newestRuns(states: [.done], before: nil, limit: 3)
    #expect(runs.allSatisfy { $0.replay == replay.id && $0.rule == "r" })
  }

  @Test(arguments: [("x", "event.data.n < 4", ["2", "3"]), ("y", "true", []), ("*", "event.none == 1", [])])
  func `a type and a condition choose events`(type: String, condition: String, sent: [String]) async throws {
    let bench = try await Self.bench()
    let choice = Self.choice(type: type, where: condition)
    let plan = try await bench.dispatcher.plan(choice)
    #expect(plan.events == sent.count && plan.rules.map(\.events) == [sent.count])
    _ = try await bench.dispatcher.replay(choice, pace: nil)
    await bench.pass(.zero)
    #expect(Self.numbers(bench) == sent)
  }

  @Test func `keeps the pace at which events were recorded, or a faster one`() async throws {
    let bench = try await Self.bench()
    _ = try await bench.dispatcher.replay(Self.choice(7), pace: 1)
    await bench.pass(.zero)
    #expect(Self.numbers(bench) == [])
    await bench.pass(.seconds(10))
    #expect(Self.numbers(bench) == ["2"])
    await bench.pass(.seconds(20))
    #expect(try Self.numbers(bench) == ["3", "4"] && bench.dispatcher.replays().isEmpty)
    _ = try await bench.dispatcher.replay(Self.choice(7), pace: 10)
    await bench.pass(.seconds(1))
    #expect(Self.numbers(bench) == ["2"])
    await bench.pass(.seconds(2))
    #expect(Self.numbers(bench) == ["3", "4"])
  }

  @Test func `goes on where it was when a host is started again, and sends nothing twice`() async throws {
    let bench = try await Self.bench()
    _ = try await bench.dispatcher.replay(Self.choice(7), pace: 1)
    await bench.pass(.seconds(10))
    #expect(Self.numbers(bench) == ["2"])
    let next = try TimedBench(Self.plain, after: bench)
    try await next.dispatcher.recover()
    #expect(try next.dispatcher.replays().map(\.events) == [2])
    await next.pass(.seconds(20))
    #expect(try Self.numbers(next) == ["3", "4"] && next.dispatcher.replays().isEmpty)
  }

  @Test func `can be cancelled, and sends nothing any more`() async throws {
    let bench = try await Self.bench()
    let replay = try await bench.dispatcher.replay(Self.choice(7), pace: 1)
    await bench.pass(.seconds(10))
    #expect(try await bench.dispatcher.cancelReplay(replay.id))
    await bench.pass(.seconds(60))
    #expect(try Self.numbers(bench) == ["2"] && bench.dispatcher.replays().isEmpty)
    #expect(try await bench.dispatcher.cancelReplay(replay.id) == false)
    #expect(try Self.notices(bench) == ["earshot.replay.started", "earshot.replay.cancelled"])
  }

  @Test func `windows see the times of then, apart from those of new events`() async throws {
    let rules = Self.plain.replacing(
      "    actions: { uses",
      with: "    debounce: { quiet: 15s }\n    actions: { uses"
    )
    let bench = try await Self.bench(rules)
    try await bench.append("x", ["n": 9, "k": 0])
    _ = try await bench.dispatcher.replay(Self.choice(7), pace: nil)
    await bench.pass(.seconds(1))
    #expect(Self.numbers(bench) == ["4"])
    await bench.pass(.seconds(15))
    #expect(Self.numbers(bench) == ["9"])
    #expect(try bench.log.windows(of: nil, limit: 10) == [])
  }

  @Test func `no event is lost to the mode of a rule`() async throws {
    let rules = Self.plain.replacing(
      "    trigger: { type: x }\n    condition",
      with: "    mode: single\n    trigger: { type: x }\n    condition"
    )
    let bench = try await Self.bench(rules)
    _ = try await bench.dispatcher.replay(Self.choice(7), pace: nil)
    await bench.pass(.zero)
    #expect(Self.numbers(bench) == ["2", "3", "4"])
  }

  @Test func `listeners see it, under another key, which is the same at each attempt`() async throws {
    let bench = try HeldBench(
      Self.plain.replacing("event.data.n", with: "event.data.k").replacing("k > 1", with: "k > 0")
    )
    try await bench.append("x")
    let first = try #require(await bench.runner.next().first)
    try await bench.settle(first.ticket, .ack(output: nil, emit: []))
    _ = try await bench.dispatcher.replay(Self.choice(1), pace: nil)
    let again = try #require(await bench.runner.next().first)
    #expect(!first.request.isReplay && again.request.isReplay && again.request.key != first.request.key)
    bench.end(again.ticket, .retry(message: "later", after: 0))
    bench.clock.advance(by: .seconds(60))
    let third = try #require(await bench.runner.next().first)
    #expect(third.request.key == again.request.key && third.request.isReplay && third.request.attempt == 2)
    var line: [UInt8] = []
    third.request.append(to: &line)
    #expect(try HostMessage(line: line.dropLast()) == .run(third.request))
  }

  @Test func `does not begin for rules, types and conditions that there are not`() async throws {
    let bench = try await Self.bench()
    var choice = Self.choice()
    choice.rules = ["s"]
    await #expect(throws: Dispatcher.ReplayRefusal.unknownRule("s", known: ["r", "other"])) {
      _ = try await bench.dispatcher.replay(choice, pace: nil)
    }
    await #expect(throws: Dispatcher.ReplayRefusal.type("a*")) {
      _ = try await bench.dispatcher.plan(Self.choice(type: "a*"))
    }
    await #expect(throws: Dispatcher.ReplayRefusal.self) {
      _ = try await bench.dispatcher.plan(Self.choice(where: "event.data.n >"))
    }
    #expect(try Self.notices(bench) == [])
  }
}
