// SPDX-License-Identifier: Apache-2.0

import Dispatching
import DurableLog
import EventModel
import EventSources
import PluginWire
import Testing

/// What the log remembers of a run of several steps, and how a run goes on from another step.
@Suite struct HistoryTests {
  private static let rules = """
    rules:
      order:
        trigger: { type: order }
        actions:
          - { id: pick, uses: shop.pick, with: { item: "${{ event.data.k }}" }, retry: { initial: 5s, jitter: 0 } }
          - { id: skip, condition: "false", emit: { type: never } }
          - { id: note, set: { box: "${{ steps.pick.output }}" } }
          - { id: rest, wait: 10s }
          - { id: tell, emit: { type: picked } }
          - { id: ship, uses: shop.ship, with: { box: "${{ vars.box }}" } }
      single: { trigger: { type: single }, actions: { uses: shop.pick } }
      saga:
        trigger: { type: saga }
        actions:
          - { id: one, uses: shop.pick, compensate: { uses: shop.pick } }
          - { id: two, uses: shop.ship }
    """

  /// An entry in short: what came to pass at which step and attempt, with what was given and what came of it.
  private static func short(_ entry: HistoryEntry) -> String {
    let values = [entry.input, entry.result].map { $0.map { String(decoding: $0, as: UTF8.self) } ?? "-" }
    let seconds = (entry.ended - entry.began).components.seconds
    return "\(entry.step) \(entry.attempt) \(entry.kind) \(values[0]) → \(values[1]), \(seconds) s"
  }

  private func history(_ bench: HeldBench, _ run: Int64 = 1) throws -> [String] {
    try bench.log.history(of: RunID(rawValue: run), limit: 100).map(Self.short)
  }

  @Test func `each step is told with what it was given, what came of it, and how long it took`() async throws
  {
    let bench = try HeldBench(Self.rules)
    try await bench.append("order")
    #expect(await bench.begun(1) == [1])
    bench.clock.advance(by: .seconds(2))
    bench.end(1, .retry(message: "later", after: nil))
    await bench.clock.waitForSleeper()
    bench.clock.advance(by: .seconds(5))
    #expect(await bench.begun(1) == [1])
    bench.end(1, .ack(output: Array(#""box 7""#.utf8), emit: []))
    await bench.clock.waitForSleeper()
    bench.clock.advance(by: .seconds(10))
    #expect(await bench.begun(1) == [1])
    bench.end(1, .fail(message: "no road"))
    await bench.dispatcher.waitUntilIdle()
    let all = try history(bench)
    #expect(all.count == 8)
    let expected = [
      #"pick 1 failed {"item":1} → "later", 2 s"#, #"pick 2 done {"item":1} → "box 7", 0 s"#,
      "skip 1 passed - → -, 0 s", #"note 1 done - → {"box":"box 7"}, 0 s"#,
    ]
    #expect(all.prefix(4) == expected[...])
    #expect(all[4].hasPrefix("rest 1 waiting - → {\"until\":") && all[5] == "rest 2 done - → -, 0 s")
    #expect(all[6].hasPrefix(#"tell 1 done {"type":"picked""#))
    #expect(all[7] == #"ship 1 dead {"box":"box 7"} → "no road", 0 s"#)
  }

  @Test func `a run whose rule is not to be had any more is given up, and an event tells of it`() async throws
  {
    let bench = try HeldBench(Self.rules)
    try await bench.append("order")
    #expect(await bench.begun(1) == [1])
    let second = try HeldBench(
      "rules: { other: { trigger: { type: x }, actions: { uses: shop.pick } } }",
      after: bench
    )
    second.dispatcher.hold()
    try await second.dispatcher.recover()
    await second.dispatcher.waitUntilIdle()
    let run = try second.run(1)
    #expect(run.state == .dead && run.failure?.hasSuffix("cannot be used any more") == true)
    let event = try #require(try second.events().last)
    #expect(event["type"]?.string == "earshot.delivery.dead" && event["data"]?["rule"]?.string == "order")
    #expect(try event["causationid"]?.string == second.events().first?["id"]?.string)
  }

  @Test func `a run of one step says all of it itself`() async throws {
    let bench = try HeldBench(Self.rules)
    try await bench.append("single")
    #expect(await bench.begun(1) == [1])
    bench.end(1)
    await bench.dispatcher.waitUntilIdle()
    #expect(try bench.states() == [.done] && history(bench) == [])
  }

  @Test func `a run that has failed goes on from an earlier step, which is made anew`() async throws {
    let bench = try HeldBench(Self.rules)
    try await bench.append("order")
    for (attempt, reply) in [RunReply.ack(output: Array("1".utf8), emit: []), .fail(message: "no")]
      .enumerated()
    {
      #expect(await bench.begun(1) == [1])
      bench.end(1, reply)
      guard attempt == 0 else { break }
      await bench.clock.waitForSleeper()
      bench.clock.advance(by: .seconds(10))
    }
    await bench.dispatcher.waitUntilIdle()
    let dead = try bench.run()
    #expect(dead.state == .dead)
    await #expect(throws: Dispatcher.ResumeRefusal.self) {
      try await bench.dispatcher.resume(dead, from: "nowhere")
    }
    #expect(try await bench.dispatcher.resume(dead, from: "pick"))
    let again = await bench.begun(1)
    #expect(again == [1])
    #expect(try bench.run().outputs == nil, "what came of it before is forgotten")
    #expect(try history(bench).last == "pick 1 retried - → -, 0 s")
    #expect(try await bench.dispatcher.resume(bench.run(), from: "pick") == false, "it has not ended")
  }

  @Test func `a run that has taken a step back does not go on behind it`() async throws {
    let bench = try HeldBench(Self.rules)
    try await bench.append("saga")
    for reply in [RunReply.ack(output: nil, emit: []), .fail(message: "no"), .ack(output: nil, emit: [])] {
      #expect(await bench.begun(1) == [1])
      bench.end(1, reply)
    }
    await bench.dispatcher.waitUntilIdle()
    let ended = try bench.run()
    #expect(ended.state == .compensated)
    await #expect(throws: Dispatcher.ResumeRefusal.undone("one")) {
      try await bench.dispatcher.resume(ended, from: "two")
    }
    #expect(try await bench.dispatcher.resume(ended, from: "one"))
    #expect(await bench.begun(1) == [1])
    #expect(try bench.run().step == 0)
  }
}
