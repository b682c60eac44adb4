// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Rules
import Synchronization
import Testing

@testable import Dispatching

/// New rules that begin with events that were there before them.
@Suite struct BeginningTests {
  private static func rules(_ parts: String) -> String {
    """
    rules:
      old: { trigger: { type: y }, actions: { uses: shop.pick } }
      new:
        trigger: { type: x }
        \(parts)
        actions: { uses: shop.pick, with: { n: "${{ event.data.n }}" } }
    """
  }

  private static let before = "rules: { old: { trigger: { type: y }, actions: { uses: shop.pick } } }"

  /// A bench in which events come each second, and then the rules change.
  private func bench(_ count: Int, then parts: String) async throws -> TimedBench {
    let bench = try TimedBench(Self.before)
    for number in 1...count {
      try await bench.append("x", ["n": .number("\(number)")])
      await bench.pass(.seconds(1))
    }
    try await change(bench, to: parts)
    return bench
  }

  private func change(_ bench: TimedBench, to parts: String) async throws {
    let new = try TimedBench.set(Self.rules(parts))
    try await bench.dispatcher.begin(new, instead: try TimedBench.set(Self.before))
    try bench.dispatcher.use(new, credits: ["shop": 100])
    bench.dispatcher.catchUp()
    try await settled(bench)
  }

  /// Waits until no rule has to catch up any more, and all that came of it is done.
  private func settled(_ bench: TimedBench) async throws {
    while !bench.dispatcher.table.withLock({ $0.catchingUp.isEmpty }) { await Task.yield() }
    // What has been committed may not have reached the dispatcher yet.
    while try !bench.states().allSatisfy({ $0 == .done }) { await Task.yield() }
    await bench.dispatcher.waitUntilIdle()
  }

  private func numbers(_ bench: TimedBench) -> [Int] {
    bench.runner.take().compactMap { if case .number(let text)? = $0["n"] { Int(text) } else { nil } }
  }

  @Test func `begins with the first event of the log, and goes on with new ones`() async throws {
    let bench = try await bench(450, then: "start: beginning")
    #expect(numbers(bench) == Array(1...450))
    try await bench.append("x", ["n": 451])
    #expect(numbers(bench) == [451])
  }

  @Test func `begins with what came in the time before, or from an instant on`() async throws {
    #expect(numbers(try await bench(10, then: "start: last 3s")) == [8, 9, 10])
    // A virtual clock begins 1 000 000 000 seconds after 1970.
    #expect(numbers(try await bench(10, then: "start: 2001-09-09T01:46:47Z")) == [8, 9, 10])
    #expect(numbers(try await bench(10, then: "start: now")) == [])
  }

  @Test func `windows see when the events were recorded, and what is open goes on`() async throws {
    let bench = try await bench(10, then: "start: beginning\n    collect: { within: 4s }")
    #expect(numbers(bench) == [4, 8])
    await bench.pass(.seconds(1))
    #expect(numbers(bench) == [])
    await bench.pass(.seconds(1))
    #expect(numbers(bench) == [10])
  }

  @Test func `a window whose time was over before the rule caught up closes`() async throws {
    let bench = try TimedBench(Self.before)
    try await bench.append("x", ["n": 1])
    await bench.pass(.seconds(100))
    try await change(bench, to: "start: beginning\n    debounce: { quiet: 4s }")
    await bench.dispatcher.workOffDue()
    #expect(numbers(bench) == [1])
  }

  @Test func `a rule is new only once, and one that was there before is not`() async throws {
    let bench = try await bench(3, then: "start: beginning")
    #expect(numbers(bench) == [1, 2, 3])
    try await change(bench, to: "start: beginning")
    #expect(numbers(bench) == [])
    let other = try await self.bench(3, then: "start: now")
    let new = try TimedBench.set(Self.rules("start: beginning"))
    try await other.dispatcher.begin(new, instead: try TimedBench.set(Self.rules("start: now")))
    try other.dispatcher.use(new, credits: [:])
    other.dispatcher.catchUp()
    try await settled(other)
    #expect(numbers(other) == [])
  }

  @Test func `goes on where it was when the host ends meanwhile`() async throws {
    let bench = try TimedBench(Self.before)
    for number in 1...5 { try await bench.append("x", ["n": .number("\(number)")]) }
    let new = try TimedBench.set(Self.rules("start: beginning"))
    try await bench.dispatcher.begin(new, instead: try TimedBench.set(Self.before))
    let after = try TimedBench(Self.rules("start: beginning"), after: bench)
    try await after.dispatcher.begin(new, instead: new)
    try after.dispatcher.use(new, credits: ["shop": 100])
    try await after.dispatcher.recover()
    try await settled(after)
    #expect(numbers(after) == [1, 2, 3, 4, 5])
  }
}
