// SPDX-License-Identifier: Apache-2.0

import Dispatching
import DurableLog
import EventModel
import EventSources
import PluginWire
import Testing

/// Runs that wait for events.
@Suite struct AwaitTests {
  private static func rules(_ parts: String, otherwise: String = "") -> String {
    """
    rules:
      order:
        trigger: { type: order }
        actions:
          - { id: ask, uses: shop.pick }
          - id: answer
            await: { type: paid, \(parts) }
            \(otherwise)
          - { id: tell, emit: { type: told, data: "${{ steps.answer.output.data }}" } }
    """
  }

  private func told(_ bench: HeldBench) throws -> [String?] {
    try bench.events().filter { $0["type"]?.string == "told" }.map { $0["data"].map { JSONValue($0).json } }
  }

  private func send(_ type: String, _ data: JSONValue, _ bench: HeldBench, _ extra: JSONValue.Member...)
    async throws
  {
    var event = CloudEvent(type: type, data: data)
    event.extensions += extra
    var intake = EventIntake(defaultSource: "test", clock: bench.clock)
    var batch = EventBatch()
    try intake.append(event, to: &batch)
    try await bench.log.submit(LogChange(events: batch))
  }

  /// Ends the first step of so many runs and waits until they wait.
  private func ask(_ bench: HeldBench, _ count: Int) async {
    for ticket in await bench.begun(count) { bench.end(ticket) }
    await bench.dispatcher.waitUntilIdle()
  }

  @Test func `a run goes on with the event of its key, which is the output of the step`() async throws {
    let bench = try HeldBench(Self.rules("by: event.data.k"))
    try await bench.append("order", keys: [1, 2])
    await ask(bench, 2)
    #expect(try bench.states() == [.waiting, .waiting])
    try await send("other", ["k": 2], bench)
    try await send("paid", ["k": 3], bench)
    try await send("paid", ["k": 2, "sum": 7], bench)
    await bench.dispatcher.waitUntilIdle()
    #expect(try bench.states() == [.waiting, .done])
    #expect(try told(bench) == [#"{"k":2,"sum":7}"#])
    let entries = try bench.log.history(of: RunID(rawValue: 2), limit: 9)
    #expect(
      entries.map { "\($0.step) \($0.kind)" } == ["ask done", "answer waiting", "answer done", "tell done"]
    )
    #expect(entries[1].result == Array("2".utf8), "the key")
  }

  @Test func `an event that came since the run was made is not lost, and an older one does not count`()
    async throws
  {
    let bench = try HeldBench(Self.rules("by: event.data.k"))
    try await send("paid", ["k": 1, "n": 1], bench)
    try await bench.append("order")
    let tickets = await bench.begun(1)
    for number in 2...600 { try await send("paid", ["k": .number("\(number)")], bench) }
    try await send("paid", ["k": 1, "n": 2], bench)
    bench.end(tickets[0])
    await bench.dispatcher.waitUntilIdle()
    #expect(try told(bench) == [#"{"k":1,"n":2}"#])
  }

  @Test func `each step that waits hears an event that no earlier one has heard`() async throws {
    let bench = try HeldBench(
      """
      rules:
        order:
          trigger: { type: order }
          actions:
            - { uses: shop.pick }
            - { id: one, await: { type: paid } }
            - { set: { first: "${{ steps.one.output.data.n }}" } }
            - { id: two, await: { type: paid } }
            - emit: { type: told, data: [ "${{ vars.first }}", "${{ steps.two.output.data.n }}" ] }
      """
    )
    try await bench.append("order")
    let tickets = await bench.begun(1)
    for number in 1...3 { try await send("paid", ["n": .number("\(number)")], bench) }
    bench.end(tickets[0])
    await bench.dispatcher.waitUntilIdle()
    #expect(try told(bench) == ["[1,2]"])
  }

  @Test func `the key may come of the run, and the condition speaks of both events`() async throws {
    let parts =
      #"by: event.data.order, key: "${{ event.data.k + 6.0 }}", condition: event.data.sum > trigger.data.k"#
    let bench = try HeldBench(Self.rules(parts))
    try await bench.append("order")
    await ask(bench, 1)
    try await send("paid", ["order": 7, "sum": 1], bench)
    try await send("paid", ["order": 7], bench)
    await bench.dispatcher.waitUntilIdle()
    #expect(try bench.states() == [.waiting], "a condition that has no value does not hold")
    try await send("paid", ["order": 7, "sum": 2], bench)
    await bench.dispatcher.waitUntilIdle()
    #expect(try told(bench) == [#"{"order":7,"sum":2}"#])
  }

  @Test func `what follows from the run's event is known by its correlation`() async throws {
    let bench = try HeldBench(Self.rules("by: event.correlationid"))
    try await bench.append("order")
    await ask(bench, 1)
    let id = try #require(try bench.events()[0]["id"]?.string)
    try await send("paid", ["n": 1], bench, .init("correlationid", "another"))
    try await send("paid", ["n": 2], bench)
    try await send("paid", ["n": 3], bench, .init("correlationid", .string(id)))
    await bench.dispatcher.waitUntilIdle()
    #expect(try told(bench) == [#"{"n":3}"#])
  }

  @Test func `when nothing comes in time, the other way is gone, and what comes later is not heard`()
    async throws
  {
    let rules = Self.rules(
      "within: 10m",
      otherwise: "else: [ { id: late, emit: { type: late } }, { fail: too late } ]"
    )
    let bench = try HeldBench(rules)
    try await bench.append("order")
    await ask(bench, 1)
    await bench.clock.waitForSleeper()
    bench.clock.advance(by: .seconds(600))
    await bench.dispatcher.workOffDue()
    #expect(try bench.types() == ["order", "late", "earshot.delivery.dead"])
    #expect(try bench.run().failure == "too late")
    try await send("paid", [:], bench)
    await bench.dispatcher.waitUntilIdle()
    #expect(try bench.states() == [.dead])
  }

  @Test func `when nothing comes in time and there is no other way, the step has failed`() async throws {
    let bench = try HeldBench(Self.rules(#"within: "${{ event.data.k }}m""#))
    try await bench.append("order")
    await ask(bench, 1)
    await bench.clock.waitForSleeper()
    bench.clock.advance(by: .seconds(60))
    await bench.dispatcher.workOffDue()
    #expect(try bench.run().failure == "what 'answer' awaits has not come within 1m")
  }

  @Test(.timeLimit(.minutes(1)))
  func `a run of older rules goes on with what it waits for, whatever the rules say now`() async throws {
    let bench = try HeldBench(Self.rules("by: event.data.k"))
    try await bench.append("order", keys: [1, 2])
    let tickets = await bench.begun(2)
    bench.end(tickets[0])
    await bench.clock.waitForSleeper()
    let other = "rules: { x: { trigger: { type: x }, actions: { emit: { type: y } } } }"
    try bench.dispatcher.use(try TimedBench.set(other), credits: ["shop": 10])
    // The second one begins to wait only now.
    bench.end(tickets[1])
    await bench.dispatcher.waitUntilIdle()
    for key in [2, 1] { try await send("paid", ["k": .number("\(key)")], bench) }
    await bench.dispatcher.waitUntilIdle()
    #expect(try bench.states() == [.done, .done])
    #expect(try told(bench) == [#"{"k":2}"#, #"{"k":1}"#])
  }

  @Test func `a host that is started again hears for the runs of before`() async throws {
    let rules = Self.rules("by: event.data.k")
    let before = try HeldBench(rules)
    try await before.append("order")
    await ask(before, 1)
    let bench = try HeldBench(rules, after: before)
    try await bench.dispatcher.recover()
    try await send("paid", ["k": 1], bench)
    await bench.dispatcher.waitUntilIdle()
    #expect(try told(bench) == [#"{"k":1}"#])
  }

  private static let approval = """
    rules:
      pay:
        trigger: { type: order }
        actions:
          - { id: hold, uses: shop.pick, compensate: { uses: shop.pick } }
          - { id: ok, await: { approval: "Pay ${{ event.data.k }}?", within: 1h } }
          - { emit: { type: paid, data: "${{ steps.ok.output.data }}" } }
    """

  @Test func `a person is asked, and the run goes on with a yes`() async throws {
    let bench = try HeldBench(Self.approval)
    try await bench.append("order")
    var early = CloudEvent(type: "earshot.run.answered", subject: "1/ok", data: ["approved": true])
    early.source = "test"
    var intake = EventIntake(defaultSource: "test", clock: bench.clock)
    var batch = EventBatch()
    try intake.append(early, to: &batch)
    try await bench.log.submit(LogChange(events: batch))
    await ask(bench, 1)
    let asked = try #require(try bench.events().last)
    #expect(asked["type"]?.string == "earshot.run.asked" && asked["data"]?["question"]?.string == "Pay 1?")
    #expect(asked["data"]?["run"]?.int == 1 && asked["data"]?["step"]?.string == "ok")
    #expect(try bench.states() == [.waiting], "what somebody sent before is no answer")
    #expect(try await bench.dispatcher.answer(bench.run(), isApproved: true, comment: "fine"))
    await bench.dispatcher.waitUntilIdle()
    #expect(try bench.states() == [.done])
    let paid = try bench.events().first { $0["type"]?.string == "paid" }
    #expect(paid?["data"]?["comment"]?.string == "fine")
    #expect(try await bench.dispatcher.answer(bench.run(), isApproved: true, comment: nil) == false)
  }

  @Test func `a no fails the run, which takes back what it has done`() async throws {
    let bench = try HeldBench(Self.approval)
    try await bench.append("order")
    await ask(bench, 1)
    #expect(try await bench.dispatcher.answer(bench.run(), isApproved: false, comment: "too dear"))
    await ask(bench, 1)
    #expect(try bench.states() == [.compensated])
    #expect(try bench.run().failure == "it was rejected: too dear")
  }

  @Test func `a no goes the other way, if there is one, and so does no answer in time`() async throws {
    let rules = Self.approval.replacing(
      "within: 1h } }",
      with: "within: 1h }, else: [ { id: no, emit: { type: refused } }, { fail: no } ] }"
    )
    let bench = try HeldBench(rules)
    try await bench.append("order", keys: [1, 2])
    await ask(bench, 2)
    #expect(try await bench.dispatcher.answer(bench.run(), isApproved: false, comment: nil))
    await ask(bench, 1)
    await bench.clock.waitForSleeper()
    bench.clock.advance(by: .seconds(3600))
    await ask(bench, 1)
    #expect(try bench.types().count { $0 == "refused" } == 2)
    #expect(try bench.states() == [.compensated, .compensated])
  }

  @Test func `a run that is cancelled while it waits hears nothing any more`() async throws {
    let bench = try HeldBench(Self.rules("by: event.data.k"))
    try await bench.append("order")
    await ask(bench, 1)
    #expect(try await bench.dispatcher.cancel([bench.run()]) == [true])
    try await send("paid", ["k": 1], bench)
    await bench.dispatcher.waitUntilIdle()
    #expect(try bench.states() == [.cancelled])
  }
}
