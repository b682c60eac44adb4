// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Rules
import Synchronization
import Testing

@testable import Dispatching

/// Conditions that look up the states of aggregates.
@Suite struct StateConditionTests {
  private static let rules = """
    aggregates:
      account:
        initial: { balance: 0 }
        evolve: { Deposited: { balance: state.balance + event.data.amount } }
    rules:
      praise:
        trigger: { type: [Deposited, Asked] }
        condition: aggregate('account', event.data.account).balance >= 100.0
        actions: [ { uses: shop.pick, with: { at: "${{ event.sequence }}" } } ]
    """

  private func bench() throws -> TimedBench { try TimedBench(Self.rules) }

  private func append(_ events: [CloudEvent], to bench: TimedBench) async throws {
    var intake = EventIntake(defaultSource: "test", clock: bench.clock)
    var batch = EventBatch()
    for event in events { try intake.append(event, to: &batch) }
    try await bench.log.submit(LogChange(events: batch))
    await bench.dispatcher.waitUntilIdle()
  }

  private func deposited(_ amount: Int, _ account: Int = 1) -> CloudEvent {
    CloudEvent(
      type: "Deposited",
      subject: "account/\(account)",
      data: ["account": .number("\(account)"), "amount": .number("\(amount)")]
    )
  }

  @Test func `sees the state with the event itself, and nothing of later ones, within one commit too`()
    async throws
  {
    let bench = try bench()
    try await append(
      [deposited(60), deposited(30), deposited(200, 2), deposited(10), deposited(1)],
      to: bench
    )
    #expect(bench.runner.take().compactMap { $0["at"]?.string } == ["3", "4", "5"])
  }

  @Test func `takes a thing without events as it is in the beginning`() async throws {
    let bench = try bench()
    try await append([CloudEvent(type: "Asked", data: ["account": "nobody"])], to: bench)
    #expect(bench.runner.take().isEmpty && bench.dispatcher.conditionFailures().isEmpty)
  }

  @Test func `explains later with the state of that time`() async throws {
    let bench = try bench()
    try await append([deposited(60), deposited(60), deposited(60)], to: bench)
    let rules = bench.dispatcher.table.withLock { $0.rules }
    let matched = try (1...3).map { position -> Bool in
      let place = LogPosition(rawValue: Int64(position))
      let event = try JSONDocument(try #require(try bench.log.events(at: [place]).first))
      let states = PastStates(of: .init(rules, folding: nil), at: place, in: bench.log)
      if case .matched = RuleExplanation(rules.rules[0], event, states: states).outcome { return true }
      return false
    }
    #expect(matched == [false, true, true])
  }

  @Test func `has no value while older events are still being looked through`() async throws {
    let bench = try bench()
    try bench.dispatcher.use(bench.dispatcher.table.withLock { $0.rules }, credits: [:])
    try await append([deposited(200)], to: bench)
    #expect(bench.runner.take().isEmpty)
    #expect(bench.dispatcher.conditionFailures() == ["praise": 1])
  }
}
