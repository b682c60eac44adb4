// SPDX-License-Identifier: Apache-2.0

import Dispatching
import DurableLog
import EventModel
import EventSources
import Expressions
import PluginWire
import Rules
import Testing

/// How runs get along: the mode of a rule, and the order that a listener wants.
@Suite struct ModeTests {
  private static func bench(_ parts: String, listener: String = "{}") throws -> HeldBench {
    try HeldBench(
      """
      rules:
        r: { trigger: { type: x }, \(parts) actions: [ { uses: shop.pick, retry: { attempts: 2, jitter: 0 } } ] }
      listeners: { shop: \(listener) }
      """
    )
  }

  @Test func `single lets none begin while one goes on, for each key`() async throws {
    let bench = try Self.bench("mode: single, mode_by: event.data.k,")
    try await bench.append("x", keys: [1, 1, 2])
    #expect(await bench.begun(2) == [1, 2])
    #expect(try bench.log.decisions(of: LogPosition(rawValue: 2)).map(\.kind) == [.blocked])
    bench.end(1)
    bench.end(2)
    await bench.dispatcher.waitUntilIdle()
    try await bench.append("x", keys: [1])
    #expect(await bench.begun(1) == [3])
  }

  @Test func `queued runs go on one after another, also after a failure`() async throws {
    let bench = try Self.bench("mode: queued,")
    try await bench.append("x", keys: [1, 1, 1])
    #expect(await bench.begun(1) == [1])
    #expect(try bench.states() == [.running, .queued, .queued])
    bench.end(1, .fail(message: "no"))
    #expect(await bench.begun(1) == [2])
    #expect(try bench.states() == [.dead, .running, .queued])
    bench.end(2, .retry(message: "later", after: 5000))
    await bench.clock.waitForSleeper()
    #expect(try bench.states() == [.dead, .waiting, .queued], "a run that waits for its retry goes on")
    bench.clock.advance(by: .seconds(5))
    #expect(await bench.begun(1) == [2])
    bench.end(2)
    #expect(await bench.begun(1) == [3])
  }

  @Test func `what is too many for a queue is skipped, or becomes a dead letter`() async throws {
    let skipping = try Self.bench("mode: queued, max: 2,")
    try await skipping.append("x", keys: [1, 1, 1])
    #expect(try skipping.states() == [.running, .queued])
    #expect(try skipping.log.decisions(of: LogPosition(rawValue: 3)).map(\.kind) == [.blocked])
    let burying = try Self.bench("mode: queued, max: 2, max_exceeded: dead_letter,")
    try await burying.append("x", keys: [1, 1, 1])
    #expect(try burying.states() == [.running, .queued, .dead])
    let notice = try burying.events()[3]
    #expect(notice["type"]?.string == "earshot.delivery.dead" && notice["data"]?["run"]?.int == 3)
    #expect(try burying.log.run(RunID(rawValue: 3))?.failure?.contains("too many runs of 'r'") == true)
  }

  @Test func `parallel lets so many go on at once`() async throws {
    let bench = try Self.bench("mode: parallel, max: 2,")
    try await bench.append("x", keys: [1, 1, 1])
    #expect(await bench.begun(2) == [1, 2])
    #expect(try bench.states().count == 2)
  }

  @Test(.timeLimit(.minutes(1)))
  func `what a restarted run kept waiting at its listener goes on, whatever takes its place`() async throws {
    let bench = try HeldBench(
      """
      rules:
        r: { trigger: { type: x }, mode: restart, actions: { uses: shop.pick } }
        s: { trigger: { type: y }, actions: { uses: shop.pick } }
      listeners: { shop: { order_by: event.data.k } }
      """
    )
    try await bench.append("x", keys: [1])
    #expect(await bench.begun(1) == [1])
    bench.end(1, .retry(message: "later", after: 5000))
    await bench.clock.waitForSleeper()
    try await bench.append("y", keys: [1])
    #expect(try bench.states() == [.waiting, .behind])
    try await bench.append("x", keys: [2])
    #expect(await bench.begun(2) == [2, 3])
    #expect(try bench.states() == [.cancelled, .running, .running])
  }

  @Test func `restart cancels the attempt that is under way, and begins anew when that has ended`()
    async throws
  {
    let bench = try Self.bench("mode: restart,")
    try await bench.append("x", keys: [1])
    #expect(await bench.begun(1) == [1])
    try await bench.append("x", keys: [1])
    #expect(await bench.runner.nextCancelled() == [1])
    #expect(try bench.states() == [.cancelling, .queued])
    try await bench.append("x", keys: [1])
    #expect(try bench.states() == [.cancelling, .cancelled, .queued])
    bench.end(1, .retry(message: "was cancelled", after: nil))
    #expect(await bench.begun(1) == [3])
    #expect(try bench.states() == [.cancelled, .cancelled, .running])
  }

  @Test func `a listener gets what belongs together in order, and a failure holds up only its own key`()
    async throws
  {
    let bench = try Self.bench("", listener: "{ order_by: event.data.k }")
    try await bench.append("x", keys: [1, 1, 2, 2])
    #expect(await bench.begun(2) == [1, 3])
    #expect(try bench.states() == [.running, .behind, .running, .behind])
    bench.end(1, .retry(message: "later", after: 60_000))
    bench.end(3)
    #expect(await bench.begun(1) == [4])
    #expect(try bench.states() == [.waiting, .behind, .done, .running])
    await bench.clock.waitForSleeper()
    bench.clock.advance(by: .seconds(60))
    #expect(await bench.begun(1) == [1])
    bench.end(1, .fail(message: "no"))
    #expect(await bench.begun(1) == [2], "a dead run holds nobody up")
  }

  @Test func `a person may cancel a run, whether it has begun or not`() async throws {
    let bench = try Self.bench("mode: queued,")
    try await bench.append("x", keys: [1, 1, 1])
    #expect(await bench.begun(1) == [1])
    let runs = try bench.log.runs(after: .start, states: Set(RunState.allCases), limit: 9)
    #expect(try await bench.dispatcher.cancel([runs[1], runs[0]]) == [true, true])
    #expect(await bench.runner.nextCancelled() == [1])
    bench.end(1, .retry(message: "was cancelled", after: nil))
    #expect(await bench.begun(1) == [3])
    #expect(try bench.states() == [.cancelled, .cancelled, .running])
  }
}
