// SPDX-License-Identifier: Apache-2.0

import EventModel
import EventSources
import Rules
import Testing

@testable import DurableLog

/// What a full disk stops goes on when there is room again.
@Suite struct FullDiskTests {
  private static let listeners = "listeners: { shop: { concurrency: 4 }, depot: {} }\n"
  private static let other = "  other: { trigger: { type: y }, actions: { uses: shop.pick } }\n"

  @Test func `a rule that catches up does so later`() throws {
    let old = Self.listeners + "rules:\n" + Self.other
    let new = old + "  late: { trigger: { type: x }, start: beginning, actions: { emit: { type: z } } }\n"
    let drill = try Drill([old, new])
    try drill.append("x", "x", "x")
    drill.host.reload(drill.scenario.revisions[1])
    drill.settle(until: { drill.host.rules.revision == drill.scenario.revisions[1].revision })
    drill.log.isFull = true
    drill.settle()
    #expect(drill.host.catchingUp == ["late"])
    drill.log.isFull = false
    drill.clock.advance(by: .seconds(1))
    drill.settle()
    #expect(drill.host.catchingUp == [])
    #expect(try drill.states() == [.done, .done, .done])
  }

  @Test func `runs whose rule is gone end all the same, and those that wait for them`() throws {
    let new = Self.listeners + "rules:\n" + Self.other
    let old = new + "  gone: { trigger: { type: x }, mode: queued, actions: { uses: shop.pick } }\n"
    let before = try Drill([old, new])
    try before.append("x", "x", "x")
    #expect(try before.states() == [.running, .queued, .queued])
    let drill = try Drill(after: before)
    drill.settle(until: { (try? drill.states()) == [.dead, .running, .queued] })
    drill.log.isFull = true
    drill.settle()
    #expect(try drill.states() == [.dead, .running, .queued])
    drill.log.isFull = false
    drill.clock.advance(by: .seconds(1))
    drill.settle()
    #expect(try drill.states() == [.dead, .dead, .dead])
  }
}

/// A host in a world in which nothing happens by chance.
private struct Drill {
  let scenario: Scenario
  let clock: SimulatedClock
  let executor = SimulatedExecutor()
  let log: SimulatedLog
  let host: SimulatedHost

  init(_ texts: [String]) throws {
    try self.init(Scenario(texts), SimulatedClock(), InMemoryStore(), revision: 0)
    settle()
  }

  /// A host with the later rules, after the end of one; the older rules are not to be had.
  init(after earlier: Drill) throws {
    earlier.host.die()
    try self.init(earlier.scenario, earlier.clock, earlier.log.disk.store, revision: 1)
  }

  private init(_ scenario: Scenario, _ clock: SimulatedClock, _ store: InMemoryStore, revision: Int) throws {
    (self.scenario, self.clock) = (scenario, clock)
    let (chance, trace) = (Chance(seed: 1), Trace())
    log = SimulatedLog(store, clock: SteadyClock(clock), chance: chance)
    host = SimulatedHost(
      scenario.revisions[revision],
      scenario,
      log: log,
      listeners: SimulatedListeners(log.disk, AttemptChecks(scenario), trace),
      clock: clock,
      executor: executor,
      chance: chance,
      trace: trace,
      archive: { name in scenario.revisions[revision].revision == name ? scenario.revisions[revision] : nil }
    )
    host.start()
  }

  /// Lets all go on as far as they can without time, or until something holds.
  func settle(until isDone: () -> Bool = { false }) {
    while !isDone() {
      if !host.queue.isEmpty {
        host.queue.run()
      } else if executor.count > 0 {
        executor.run(0)
      } else if log.hasWork {
        log.step()
      } else {
        return
      }
    }
  }

  /// Appends events of some types.
  func append(_ types: String...) throws {
    var intake = EventIntake(defaultSource: "s", clock: clock)
    var events = EventBatch()
    for type in types { try intake.append(CloudEvent(type: type, data: ["n": 1]), to: &events) }
    log.submit(LogChange(events: events)) { _ in }
    settle()
  }

  func states() throws -> [RunState] {
    try log.disk.runs(after: .start, states: Set(RunState.allCases), limit: .max).map(\.state)
  }
}
