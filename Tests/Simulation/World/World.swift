// SPDX-License-Identifier: Apache-2.0

import EventModel
import EventSources
import Rules

@testable import DurableLog

/// All that a simulation consists of, and what may happen in it.
///
/// One thread does everything, one small step at a time, in an order that a seed gives: the dispatcher's queue, the log's
/// writer, tasks, listeners, producers of events, time, and what goes wrong. Equal seeds give equal worlds.
// Unchecked: a simulation is done by one thread.
final class World: @unchecked Sendable {
  /// Who is at work, and whether another may interrupt it.
  enum Worker { case nobody, queue, task, writer, interrupter }

  let scenario: Scenario
  let weather: Weather
  let chance: Chance
  let trace = Trace()
  let clock = SimulatedClock()
  let executor = SimulatedExecutor()
  let checks: AttemptChecks
  private(set) var host: SimulatedHost
  var worker = Worker.nobody
  /// Which revision the host would read.
  var revision = 0
  /// Queues of hosts that have ended, to which something that slept may still turn.
  private var retired: [SimulatedQueue] = []
  private(set) var crashes = 0
  /// Events that were acknowledged, by their ids.
  var acknowledged: [String: [UInt8]] = [:]
  /// What was sent: events by their numbers.
  var sent: [String] = []
  /// What replies of plugins hold, by its number, and which step said so.
  var said: [(place: StepPlace, isPossible: Bool)] = []
  var intake: EventIntake

  init(seed: UInt64) throws {
    let chance = Chance(seed: seed)
    let scenario = try Scenario.of(seed)
    (self.scenario, self.chance) = (scenario, chance)
    weather = Weather(chance)
    checks = AttemptChecks(scenario)
    intake = EventIntake(
      defaultSource: "s",
      clock: clock,
      ids: EventIDGenerator(random: SeededRandom(seed: seed))
    )
    let log = SimulatedLog(InMemoryStore(), clock: SteadyClock(clock), chance: chance)
    host = Self.host(log, scenario, weather, 0, clock, executor, chance, trace, checks)
    log.unreadable = weather.unreadable
    clock.onReading = { [unowned self] in interrupt() }
    listen(to: log)
    host.start()
  }

  private func listen(to log: SimulatedLog) {
    log.onUse = { [unowned self] in interrupt() }
    log.onRevival = { [checks] in checks.noteRevival($0) }
    log.onAttempts = { [checks] in checks.noteAttempts($0) }
  }

  private static func host(
    _ log: SimulatedLog,
    _ scenario: Scenario,
    _ weather: Weather,
    _ revision: Int,
    _ clock: SimulatedClock,
    _ executor: SimulatedExecutor,
    _ chance: Chance,
    _ trace: Trace,
    _ checks: AttemptChecks
  ) -> SimulatedHost {
    let rules = scenario.revisions[revision]
    let archived = weather.losesRules ? [rules] : scenario.revisions
    return SimulatedHost(
      rules,
      scenario,
      log: log,
      listeners: SimulatedListeners(log.disk, checks, trace),
      clock: clock,
      executor: executor,
      chance: chance,
      trace: trace,
      archive: { name in archived.first { $0.revision == name } }
    )
  }

  /// Lets others go on in the midst of a piece of work, where it asks for something.
  private func interrupt() {
    guard worker == .queue || worker == .task, chance.once(in: weather.interruption) else { return }
    let interrupted = worker
    worker = .interrupter
    for _ in 0..<chance.number(1...4) {
      if interrupted == .task, !host.queue.isEmpty, chance.once(in: 2) {
        trace.note("between: queue")
        host.queue.run()
      } else if host.log.hasWork {
        trace.note("between: writer")
        host.log.step()
      }
    }
    worker = interrupted
  }

  /// Lets somebody work.
  func work(as worker: Worker, _ body: () -> Void) {
    self.worker = worker
    body()
    self.worker = .nobody
    for queue in retired { while !queue.isEmpty { queue.run() } }
  }

  /// The host ends at once, and another one starts on its log.
  func crash() throws {
    crashes += 1
    trace.note("crash")
    checks.hostEnded(host.log.disk)
    end()
    retired.append(host.queue)
    let clock = SteadyClock(clock, after: host.log.written)
    let log = SimulatedLog(host.log.disk.store, clock: clock, chance: chance)
    (log.isFull, log.unreadable) = (host.log.isFull, host.log.unreadable)
    host = Self.host(log, scenario, weather, revision, self.clock, executor, chance, trace, checks)
    listen(to: log)
    host.start()
  }

  /// The host ends, and so does the simulation unless another one starts.
  func end() { host.die() }

  /// Lets everything that sleeps wake up and end, so that nothing outlives the simulation.
  func close() {
    end()
    retired.append(host.queue)
    clock.advance(by: .seconds(1_000_000))
    while executor.count > 0 { work(as: .nobody) { executor.run(0) } }
  }
}
