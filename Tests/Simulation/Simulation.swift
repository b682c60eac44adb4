// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Rules
import Synchronization

@testable import Dispatching

/// What became of the simulation of one seed.
struct Simulation {
  let seed: UInt64
  var steps = 0
  var crashes = 0
  var runs = 0
  /// How much time has passed in it.
  var elapsed = Duration.zero
  /// Of all that happened.
  var hash: UInt64 = 0
  /// What did not hold, and what happened last.
  var violation: String?

  /// After so many steps in good weather something goes round in circles.
  private static let mostSteps = 1_000_000

  /// Simulates a seed: bad weather for some steps, and then good until nothing happens any more.
  ///
  /// `tail` is how much of what happened is told if something does not hold.
  init(seed: UInt64, tail: Int = 120) throws {
    self.seed = seed
    let world = try World(seed: seed)
    let checks = LogChecks(scenario: world.scenario, disk: world.host.log.disk)
    var violation = try checks.violationNow()
    while violation == nil, steps < world.weather.steps { violation = try Self.badStep(world, &steps) }
    world.host.log.isFull = false
    world.host.log.unreadable = 0
    while violation == nil {
      steps += 1
      if world.host.hasFailed { try world.crash() }
      if world.goOn() {
        violation = try Self.violation(world, steps)
        if steps > Self.mostSteps { violation = "it does not come to rest" }
        continue
      }
      violation = try Self.overdue(world)
      guard violation == nil, let rest = world.clock.rest else { break }
      world.trace.note("time")
      world.clock.advance(by: rest)
    }
    if violation == nil { violation = try Self.inTheEnd(world) }
    note(world, violation, tail)
    world.close()
  }

  private mutating func note(_ world: World, _ violation: String?, _ tail: Int) {
    crashes = world.crashes
    elapsed = world.clock.elapsed
    hash = world.trace.hash
    runs =
      (try? world.host.log.disk.newestRuns(states: Set(RunState.allCases), before: nil, limit: 1))?.first
      .map { Int($0.id.rawValue) } ?? 0
    self.violation = violation.map { message in
      "seed \(seed): \(message), after \(steps) steps\n\(world.scenario.texts.joined(separator: "\n---\n"))\n"
        + world.trace.tail(tail) + "\nlanes: \(world.host.dispatcher.lanes.withLock { $0 })"
    }
  }

  private static func badStep(_ world: World, _ steps: inout Int) throws -> String? {
    steps += 1
    try world.disturb()
    let weather = world.weather
    let chance = world.chance.below(weather.time + weather.arrivals + 24)
    if chance < weather.time {
      world.passTime()
    } else if chance < weather.time + weather.arrivals, world.host.isReady {
      try world.arrive()
    } else if !world.goOn() {
      world.passTime()
    }
    return try violation(world, steps)
  }

  /// What must hold after each step; some of it is looked at now and then.
  private static func violation(_ world: World, _ steps: Int) throws -> String? {
    if let violation = world.checks.violation { return violation }
    if let failure = world.host.log.failure { return "the log has given up: \(failure)" }
    guard steps % 64 == 0 else { return nil }
    return try LogChecks(scenario: world.scenario, disk: world.host.log.disk).violationNow()
  }

  /// Something that is due although nobody does anything, nor will soon.
  private static func overdue(_ world: World) throws -> String? {
    let (log, rest) = (world.host.log, world.clock.rest)
    let due = [try log.disk.nextDue(), try log.disk.nextWindowDue()].compactMap { $0 }.min()
    guard let due, due < log.clock.now(), rest ?? .seconds(2) > .seconds(1) else { return nil }
    return "something is due since \(log.clock.now() - due), and nothing happens"
  }

  private static func inTheEnd(_ world: World) throws -> String? {
    let scenario = world.scenario
    let log = LogChecks(scenario: scenario, disk: world.host.log.disk)
    let compensated = try world.host.log.disk.runs(after: .start, states: [.compensated], limit: .max)
    if let owed = compensated.lazy.compactMap({ world.checks.owed(by: $0) }).first { return owed }
    var said: [Int: Bool] = [:]
    for (number, (place, isPossible)) in world.said.enumerated() {
      said[number] = isPossible && world.checks.ending(place) == .done
    }
    let late = world.host.catchingUp
    guard late.isEmpty else { return "\(late.sorted()) never come to the end of the log" }
    let isLast = world.host.rules.revision == scenario.revisions[1].revision
    let begun = isLast && world.weather.reloadsOnce ? scenario.late : [:]
    let reacting = scenario.plain.merging(begun) { first, _ in first }
    return try log.violationInTheEnd(world.acknowledged, said, reacting: reacting)
      ?? StreamChecks(disk: log.disk).violation(of: world.host.rules)
  }
}
