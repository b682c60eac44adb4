// SPDX-License-Identifier: Apache-2.0

import Dispatching
import DurableLog
import EventModel
import EventSources
import Expressions
import PluginWire
import Rules
import Testing

/// Attempts of which nobody knows how they ended.
@Suite struct UncertaintyTests {
  private static func bench(
    _ action: String,
    _ policy: String = "ask",
    after earlier: HeldBench? = nil
  ) throws -> HeldBench {
    let rules = """
      rules:
        r:
          trigger: { type: x }
          on_uncertain: \(policy)
          actions:
            - { id: first, uses: shop.\(action), retry: { attempts: 9, initial: 1s, jitter: 0 } }
            - { id: second, uses: shop.pick }
      """
    return try HeldBench(rules, after: earlier)
  }

  /// Lets the next attempt get lost.
  private func lose(_ bench: HeldBench) async {
    let ticket = await bench.runner.next()[0].ticket
    bench.dispatcher.lost([(ticket, "'shop' ended: signal 9")])
    await bench.dispatcher.waitUntilIdle()
  }

  @Test func `what may be repeated is repeated under the same key`() async throws {
    let bench = try Self.bench("pick")
    try await bench.append("x")
    let first = await bench.runner.next()
    bench.dispatcher.lost([(first[0].ticket, "gone")])
    await bench.clock.waitForSleeper()
    #expect(try bench.run().state == .waiting)
    bench.clock.advance(by: .seconds(1))
    let second = await bench.runner.next()
    #expect(second[0].request.key == first[0].request.key && second[0].request.attempt == 2)
  }

  @Test func `what must not be repeated waits for a person, who may confirm it`() async throws {
    let bench = try Self.bench("ship")
    try await bench.append("x")
    await lose(bench)
    #expect(try bench.run().state == .uncertain)
    #expect(try bench.run().failure == "it is not known whether 'first' was done: 'shop' ended: signal 9")
    #expect(try bench.types() == ["x", "earshot.delivery.uncertain"])
    #expect(try await bench.dispatcher.confirm([bench.run()]) == [true])
    #expect(await bench.runner.next().map(\.request.action) == ["pick"])
    #expect(try bench.run().step == 1)
    #expect(try await bench.dispatcher.confirm([bench.run()]) == [false], "it is known again")
  }

  @Test func `a person may have it repeated, or give it up`() async throws {
    let bench = try Self.bench("ship")
    try await bench.append("x")
    await lose(bench)
    #expect(try await bench.dispatcher.revive([bench.run()]) == [true])
    await lose(bench)
    #expect(try await bench.dispatcher.drop([bench.run()]) == [true])
    #expect(try bench.run().state == .dropped)
  }

  @Test func `the rule may want it repeated, or dead`() async throws {
    let repeating = try Self.bench("ship", "retry")
    try await repeating.append("x")
    await lose(repeating)
    #expect(try repeating.run().state == .waiting)
    let burying = try Self.bench("ship", "dead_letter")
    try await burying.append("x")
    await lose(burying)
    #expect(try burying.run().state == .dead)
    #expect(try burying.types() == ["x", "earshot.delivery.dead"])
  }

  @Test func `an end of the host during the attempt is such a case`() async throws {
    let before = try Self.bench("ship")
    try await before.append("x")
    _ = await before.runner.next()
    let after = try Self.bench("ship", after: before)
    try await after.dispatcher.recover()
    #expect(try after.run().state == .uncertain)
  }

  @Test func `a step that ends the host is given up after three times, and others go on`() async throws {
    var bench = try Self.bench("pick")
    try await bench.append("x")
    for death in 1...3 {
      #expect(await bench.runner.next().map(\.request.attempt) == [death])
      let next = try Self.bench("pick", after: bench)
      try await next.dispatcher.recover()
      bench.clock.advance(by: .seconds(1))
      bench = next
    }
    #expect(try bench.run().state == .dead)
    #expect(try bench.run().failure == "quarantined: the host has ended 3 times while it was under way")
  }

  @Test(.timeLimit(.minutes(1)))
  func `a suspect that is due before its turn is tried alone all the same, and its attempts count on`()
    async throws
  {
    var bench = try Self.bench("pick")
    try await bench.append("x", keys: [1, 2])
    for _ in 1...2 {
      _ = await bench.begun(2)
      bench = try Self.bench("pick", after: bench)
      try await bench.dispatcher.recover()
    }
    #expect(await bench.begun(1) == [1])
    bench.clock.advance(by: .seconds(600))
    while try bench.run(2).state != .pending { await Task.yield() }
    bench.end(1, .fail(message: "no"))
    let alone = await bench.runner.next()
    #expect(alone.map(\.ticket) == [2] && alone.map(\.request.attempt) == [3])
    bench.end(2, .retry(message: "later", after: 1000))
    while try bench.run(2).state != .waiting { await Task.yield() }
    bench.clock.advance(by: .seconds(1))
    #expect(await bench.runner.next().map(\.request.attempt) == [4])
  }
}
