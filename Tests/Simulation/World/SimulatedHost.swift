// SPDX-License-Identifier: Apache-2.0

import EventModel
import EventSources
import Expressions
import Rules
import Synchronization

@testable import Dispatching
@testable import DurableLog

/// One life of a host: the engine, joined to the simulated parts and taken through start and reload as a real one is.
// Unchecked: a simulation is done by one thread.
final class SimulatedHost: @unchecked Sendable {
  let queue = SimulatedQueue()
  let log: SimulatedLog
  let listeners: SimulatedListeners
  let dispatcher: Dispatcher
  /// Whether events are taken.
  private(set) var isReady = false
  /// Whether it could not start.
  private(set) var hasFailed = false
  private(set) var isReloading = false
  /// The rules in force.
  private(set) var rules: RuleSet
  private let scenario: Scenario
  private let executor: SimulatedExecutor
  private let trace: Trace
  private let archive: @Sendable (_ revision: String) -> RuleSet?

  /// Puts a host together; `log` must not have been started, `archive` gives the rules of a revision.
  init(
    _ rules: RuleSet,
    _ scenario: Scenario,
    log: SimulatedLog,
    listeners: SimulatedListeners,
    clock: SimulatedClock,
    executor: SimulatedExecutor,
    chance: Chance,
    trace: Trace,
    archive: @escaping @Sendable (_ revision: String) -> RuleSet?
  ) {
    (self.rules, self.scenario, self.log, self.executor) = (rules, scenario, log, executor)
    (self.listeners, self.trace, self.archive) = (listeners, trace, archive)
    var surroundings = Dispatcher.Surroundings(
      log: log,
      clock: clock,
      scope: .empty,
      runner: listeners,
      fetchRules: archive,
      report: { _ in }
    )
    surroundings.queue = queue
    surroundings.executor = executor
    surroundings.random = chance
    dispatcher = Dispatcher(rules, credits: scenario.credits, in: surroundings)
  }

  /// The rules that still look at older events.
  var catchingUp: Set<String> { dispatcher.table.withLock { $0.catchingUp } }

  /// Starts, in the order in which a host does.
  func start() {
    dispatcher.hold()
    log.start(router: dispatcher, observer: dispatcher)
    perform { [self] in
      do {
        let before = try rulesBefore()
        try await dispatcher.begin(rules, instead: before)
        try await dispatcher.beginStreams(rules)
        try dispatcher.use(rules, credits: scenario.credits)
        try await note(rules)
        try await dispatcher.settleWindows(of: before)
        try await dispatcher.settleStreams()
        try await dispatcher.recover()
        trace.note("ready")
        isReady = true
      } catch {
        trace.note("not started")
        hasFailed = true
      }
    }
  }

  /// Takes other rules, in the order in which a host does; one time after another.
  func reload(_ new: RuleSet) {
    isReloading = true
    perform { [self] in
      defer { isReloading = false }
      do {
        try await dispatcher.begin(new, instead: rules)
        try await dispatcher.beginStreams(new)
        try await note(new)
        try dispatcher.use(new, credits: scenario.credits)
        try await dispatcher.settleWindows(of: rules)
        try await dispatcher.settleStreams()
        dispatcher.catchUp()
        rules = new
        trace.note("reloaded")
      } catch {
        trace.note("not reloaded")
      }
    }
  }

  /// Does something beside all else.
  func perform(_ work: @escaping @Sendable () async -> Void) {
    // Only so it is done on the simulation's executor.
    Task(executorPreference: executor) { await work() }
  }

  private static let checkpoint = "rules"

  private func note(_ rules: RuleSet) async throws {
    let change = CheckpointChange(key: [0], value: Array(rules.revision.utf8))
    try await log.submit(LogChange(source: Self.checkpoint, checkpoint: [change]))
  }

  private func rulesBefore() throws -> RuleSet? {
    let noted = try log.checkpoint(of: Self.checkpoint).value(for: [0])
    return noted.flatMap { archive(String(decoding: $0, as: UTF8.self)) }
  }

  /// Ends at once, as by `kill -9`; what still wants to go on finds a closed log and ends, too.
  func die() {
    listeners.die()
    log.die()
    dispatcher.alarm.withLock { $0 }?.cancel()
    repeat {
      while !queue.isEmpty || executor.count > 0 {
        if queue.isEmpty { executor.run(0) } else { queue.run() }
      }
      dispatcher.open.withLock { $0 = [:] }
      dispatcher.uncommitted.withLock { $0 = 0 }
      dispatcher.noteIdle()
    } while executor.count > 0
  }
}
