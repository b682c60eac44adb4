// SPDX-License-Identifier: Apache-2.0

import Dispatching
import DurableLog
import EventModel
import Expressions
import PluginWire
import Rules
import Testing

@Suite struct CurrentStepTests {
  private struct StillClock: HostClock {
    func now() -> Timestamp { Timestamp(seconds: 1_000_000) }
    func sleep(until instant: Timestamp) async throws {}
  }

  private static let rules = """
    rules:
      ship:
        trigger: { type: order.paid }
        actions:
          - id: pick
            uses: shop.pick
            with: { order: "${{ event.data.order }}", home: "${{ env.HOME }}" }
            timeout: 90s
            retry: { attempts: 2, initial: 3s, jitter: 0 }
          - { id: tell, emit: { type: order.shipped, data: { box: "${{ steps.pick.output.box }}" } } }
          - { id: praise, condition: steps.pick.output.box > 2, uses: shop.pick }
      patient:
        trigger: { type: order.paid }
        actions:
          - { id: note, set: { order: "${{ event.data.order[0] }}", run: "${{ run.id }}" } }
          - { id: pause, wait: "${{ vars.order }}m" }
          - { id: morning, wait: { until: "1970-01-13T00:00:00Z" } }
          - { id: try, uses: shop.pick, with: { order: "${{ vars.order }}" }, continue_on_error: true }
          - { id: refuse, condition: "'error' in steps.try", fail: "not picked: ${{ steps.try.error }}" }
      saga:
        trigger: { type: order.paid }
        actions:
          - { id: one, uses: shop.pick, compensate: { uses: shop.pick, with: { undo: "${{ steps.one.output }}" } } }
          - { id: two, condition: "false", uses: shop.pick, compensate: { uses: shop.pick } }
          - { id: three, uses: shop.pick, compensate: { uses: shop.pick } }
          - { id: four, uses: shop.pick }
      wide:
        trigger: { type: order.paid }
        actions: { id: fork, parallel: [ { uses: shop.pick, compensate: { uses: shop.pick } } ] }
    """

  private static let event =
    #"{"specversion":"1.0","id":"7","source":"shop","type":"order.paid","hops":HOPS,"data":{"order":[1]}}"#

  private func step(
    _ index: Int = 0,
    of rule: Int = 0,
    attempts: Int = 1,
    outputs: String? = nil,
    hops: Int = 2
  ) throws -> CurrentStep {
    let file = RuleFile(name: "r.yaml", bytes: Array(Self.rules.utf8))
    let set = try #require(RuleLoader.load([file], actions: TestPlugins(), sources: NoSources()).rules)
    var run = Run(
      id: RunID(rawValue: 5),
      position: LogPosition(rawValue: 9),
      names: RunNames(rule: set.rules[rule].id, revision: set.revision, listener: "shop"),
      state: .running,
      updated: Timestamp(seconds: 0)
    )
    run.step = index
    run.attempts = attempts
    run.outputs = outputs.map { Array($0.utf8) }
    let event = Self.event.replacing("HOPS", with: String(hops))
    return CurrentStep(run: run, rule: set.rules[rule], event: Array(event.utf8))
  }

  private func settle(_ step: CurrentStep, _ reply: RunReply) -> Settlement {
    var random = SeededRandom(seed: 1)
    return step.settlement(reply, clock: StillClock(), steady: SteadyClock(StillClock()), random: &random)
  }

  @Test func `a fork that is given up has its branches asked what they have done`() throws {
    let forked = settle(try step(of: 3, outputs: #"{"0&":1,"&":1}"#), .fail(message: "quarantined")).change
    guard case .advance(_, let next, _) = forked else { throw Unexpected(change: forked) }
    #expect(next.step == 3 && next.owes && next.listener == "earshot")
    let unforked = settle(try step(of: 3), .fail(message: "quarantined")).change
    #expect(unforked == .die(RunID(rawValue: 5), failure: "quarantined"))
  }

  private struct Unexpected: Error { let change: RunChange }

  @Test func `asks a plugin with the step's values, key, attempt and time`() throws {
    guard
      case .deliver("shop", let request) = try step(attempts: 2).work(
        in: ScopeSurroundings(environment: ["HOME": "/h"], secrets: [:]),
        at: StillClock().now()
      )
    else {
      Issue.record("no delivery")
      return
    }
    #expect(String(decoding: request.with, as: UTF8.self) == #"{"order":[1],"home":"/h"}"#)
    #expect(request.action == "pick" && request.attempt == 2 && request.timeout == 90_000)
    #expect(request.key == IdempotencyKey.key(source: "shop".utf8, id: "7".utf8, rule: "ship", step: 0))
  }

  @Test func `a missing value makes the step impossible and says which`() throws {
    #expect(
      try step().work(in: .empty, at: StillClock().now()) == .impossible("env.HOME: there is no 'HOME'")
    )
  }

  @Test func `a later step sees the outputs of those before it`() throws {
    let emitted = try step(1, outputs: #"{"0":{"box":3}}"#).work(in: .empty, at: StillClock().now())
    #expect(emitted == .emit(Array(#"{"type":"order.shipped","data":{"box":3}}"#.utf8)))
  }

  @Test func `a step whose condition does not hold is passed over, and one without a value is impossible`()
    throws
  {
    #expect(try step(2, outputs: #"{"0":{"box":2}}"#).work(in: .empty, at: StillClock().now()) == .pass)
    guard case .deliver = try step(2, outputs: #"{"0":{"box":3}}"#).work(in: .empty, at: StillClock().now())
    else {
      Issue.record("the condition holds, and nothing is delivered")
      return
    }
    let work = try step(2, outputs: #"{"0":{}}"#).work(in: .empty, at: StillClock().now())
    #expect(work == .impossible("steps.pick.output.box: there is no 'box'"))
  }

  @Test func `a success goes on to the next step, and the last one finishes`() throws {
    let first = settle(try step(), .ack(output: Array("[4]".utf8), emit: []))
    #expect(
      first.change
        == .advance(RunID(rawValue: 5), to: NextStep(1, by: "earshot"), outputs: Array(#"{"0":[4]}"#.utf8))
    )
    let emitted = Array(#"{"type":"order.shipped","hops":0,"causationid":"forged"}"#.utf8)
    let last = settle(try step(2, outputs: #"{"0":[4]}"#), .ack(output: Array("1".utf8), emit: [emitted]))
    #expect(last.change == .finish(RunID(rawValue: 5), outputs: Array(#"{"0":[4],"2":1}"#.utf8)))
    let event = try CloudEvent(canonical: Array(last.events.json(0)))
    #expect(event.source == "rules/ship" && event.type == "order.shipped")
    #expect(
      event.extensions == [
        .init("hops", 3), .init("correlationid", "7"), .init("causationid", "7"),
      ]
    )
  }

  @Test func `a failure that may pass waits, by the rule's pause or the plugin's wish`() throws {
    let now = StillClock().now()
    let rule = settle(try step(), .retry(message: "busy", after: nil)).change
    #expect(rule == .retry(RunID(rawValue: 5), due: now + .seconds(3), failure: "busy"))
    let wish = settle(try step(), .retry(message: "busy", after: 50)).change
    #expect(wish == .retry(RunID(rawValue: 5), due: now + .milliseconds(50), failure: "busy"))
  }

  @Test(arguments: [(2, RunReply.retry(message: "no", after: nil)), (1, .fail(message: "no"))])
  func `the last attempt, or a failure for good, ends the run with a notice`(attempts: Int, reply: RunReply)
    throws
  {
    let end = settle(try step(attempts: attempts), reply)
    #expect(end.change == .die(RunID(rawValue: 5), failure: "no"))
    let notice = try JSONDocument(Array(end.events.json(0))).root
    #expect(notice["type"]?.string == "earshot.delivery.dead" && notice["source"]?.string == "earshot")
    #expect(notice["data"]?["step"]?.string == "pick" && notice["data"]?["failure"]?.string == "no")
    #expect(notice["causationid"]?.string == "7")
  }

  @Test func `an event that is not valid, or one hop too many, ends the run`() throws {
    let invalid = settle(try step(), .ack(output: nil, emit: [Array("[]".utf8)]))
    guard case .die(_, let reason) = invalid.change else {
      Issue.record("the run goes on")
      return
    }
    #expect(reason == "the event that the step emits is not valid: an event is a JSON object")
    let loop = settle(try step(hops: 16), .ack(output: nil, emit: [Array(#"{"type":"a"}"#.utf8)]))
    guard case .die(_, let loopReason) = loop.change else {
      Issue.record("the loop goes on")
      return
    }
    #expect(loopReason.contains("taken for a loop"))
    #expect(loop.events.isEmpty)
  }

  private func work(_ index: Int, outputs: String? = nil) throws -> CurrentStep.Work {
    try step(index, of: 1, outputs: outputs).work(in: .empty, at: StillClock().now())
  }

  @Test func `later steps find what a step has set, and the run`() throws {
    #expect(try work(0) == .note(Array(#"{"order":1,"run":"5"}"#.utf8)))
    guard case .deliver(_, let request) = try work(3, outputs: #"{"0":{"order":1}}"#) else {
      Issue.record("no delivery")
      return
    }
    #expect(String(decoding: request.with, as: UTF8.self) == #"{"order":1}"#)
  }

  @Test func `a step waits for a span or until an instant, once`() throws {
    let now = StillClock().now()
    let span = try work(1, outputs: #"{"0":{"order":2}}"#)
    let output = #"{"until":"\#((now + .seconds(120)).rfc3339)"}"#
    #expect(span == .hold(.seconds(120), output: Array(output.utf8)))
    #expect(try work(1, outputs: #"{"0":{"order":2},"1":{"until":"x"}}"#) == .pass)
    #expect(try work(1, outputs: #"{"0":{"order":"soon"}}"#) == .impossible("'soonm' is not a duration"))
    let until = Timestamp(seconds: 12 * 86_400)
    #expect(try work(2) == .hold(until - now, output: Array(#"{"until":"1970-01-13T00:00:00Z"}"#.utf8)))
  }

  @Test func `what a failed run has done is taken back, the last first, and a run that cannot is stuck`()
    throws
  {
    let run = RunID(rawValue: 5)
    func outputs(_ change: RunChange) -> String? {
      switch change {
      case .advance(_, _, let outputs?), .compensate(_, _, let outputs?):
        String(decoding: outputs, as: UTF8.self)
      default: nil
      }
    }
    // The steps: one, its compensation, two, its compensation, three, its compensation, four.
    let one = settle(try step(0, of: 2), .ack(output: Array("7".utf8), emit: [])).change
    #expect(
      one
        == .advance(run, to: NextStep(2, by: "shop", owes: true), outputs: Array(#"{"0":7,"0~":true}"#.utf8))
    )
    var random = SeededRandom(seed: 1)
    let two = try step(2, of: 2, outputs: outputs(one)).settlement(
      .ack(output: nil, emit: []),
      clock: StillClock(),
      steady: SteadyClock(StillClock()),
      isPassedOver: true,
      random: &random
    ).change
    #expect(outputs(two) == outputs(one), "what was passed over is not taken back")
    let three = settle(try step(4, of: 2, outputs: outputs(two)), .ack(output: nil, emit: [])).change
    #expect(outputs(three) == #"{"0":7,"0~":true,"4~":true}"#)
    let failed = settle(try step(6, of: 2, outputs: outputs(three)), .fail(message: "no")).change
    let taken = #"{"0":7,"0~":true,"4~":true,"!":"no"}"#
    #expect(failed == .advance(run, to: NextStep(5, by: "shop", owes: true), outputs: Array(taken.utf8)))
    let stuck = settle(try step(5, of: 2, outputs: taken), .fail(message: "never"))
    #expect(stuck.change == .stick(run, failure: "never"))
    #expect(try JSONDocument(Array(stuck.events.json(0))).root["type"]?.string == "earshot.run.stuck")
    let back = settle(try step(5, of: 2, outputs: taken), .ack(output: nil, emit: [])).change
    #expect(
      back
        == .advance(
          run,
          to: NextStep(1, by: "shop", owes: true),
          outputs: Array((taken.dropLast() + #","4^":true}"#).utf8)
        )
    )
    guard
      case .deliver(_, let request) = try step(1, of: 2, outputs: outputs(back)).work(
        in: .empty,
        at: StillClock().now()
      )
    else {
      Issue.record("no delivery")
      return
    }
    #expect(String(decoding: request.with, as: UTF8.self) == #"{"undo":7}"#)
    let end = settle(try step(1, of: 2, outputs: outputs(back)), .ack(output: nil, emit: []))
    #expect(
      end.change == .compensate(run, failure: "no", outputs: outputs(end.change).map { Array($0.utf8) })
    )
    #expect(outputs(end.change) == taken.dropLast() + #","4^":true,"0^":true}"#)
    let told = try JSONDocument(Array(end.events.json(0))).root
    #expect(told["type"]?.string == "earshot.run.compensated" && told["data"]?["failure"]?.string == "no")
  }

  @Test func `the run goes on after a failure with a step that allows it, and later steps see why`() throws {
    let failed = settle(try step(3, of: 1), .fail(message: "none left")).change
    let outputs = #"{"3!":"none left"}"#
    let next = NextStep(4, by: "earshot")
    #expect(failed == .advance(RunID(rawValue: 5), to: next, outputs: Array(outputs.utf8)))
    #expect(try work(4, outputs: outputs) == .fail("not picked: none left"))
    #expect(try work(4, outputs: #"{"3":1}"#) == .pass)
  }
}
