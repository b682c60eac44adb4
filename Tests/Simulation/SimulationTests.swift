// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The engine in simulated worlds, each with rules, weather and an order of events of its own.
///
/// `EARSHOT_SEEDS` says how many, `EARSHOT_SEED` which is the first: with `EARSHOT_SEEDS=1` it is that one alone, and all
/// that happens in it is told if something does not hold.
@Suite struct SimulationTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let count = environment["EARSHOT_SEEDS"].flatMap { UInt64($0) }
  private static let first = environment["EARSHOT_SEED"].flatMap { UInt64($0) } ?? 1
  /// How many threads simulate, each of them worlds of its own.
  private static let threads = UInt64(ProcessInfo.processInfo.activeProcessorCount)

  /// The sums over some simulations.
  private struct Figures {
    var seeds = 0
    var steps = 0
    var crashes = 0
    var runs = 0
    var elapsed = Duration.zero
    var hash: UInt64 = 0
    var violations: [String] = []

    mutating func add(_ simulation: Simulation) {
      seeds += 1
      steps += simulation.steps
      crashes += simulation.crashes
      runs += simulation.runs
      elapsed += simulation.elapsed
      // The order in which threads come to their ends must not matter.
      hash &+= simulation.hash
      if let violation = simulation.violation { violations.append(violation) }
    }

    mutating func add(_ other: Figures) {
      seeds += other.seeds
      steps += other.steps
      crashes += other.crashes
      runs += other.runs
      elapsed += other.elapsed
      hash &+= other.hash
      violations += other.violations
    }
  }

  @Test func `every delivery comes to its end as promised, whatever happens in whatever order`() async throws
  {
    let count = Self.count ?? 50
    let figures = try await Self.simulate(Self.first..<Self.first + count)
    if Self.count != nil {
      let days = figures.elapsed.components.seconds / 86_400
      print(
        "seeds \(figures.seeds) from \(Self.first), steps \(figures.steps), runs \(figures.runs), "
          + "crashes \(figures.crashes), virtual days \(days), hash \(String(figures.hash, radix: 16))"
      )
    }
    for violation in figures.violations.prefix(3) { Issue.record("\(violation)") }
    #expect(figures.violations.isEmpty, "\(figures.violations.count) seeds")
  }

  @Test func `the same seed is the same simulation`() async throws {
    let seeds = Self.first..<Self.first + 5
    #expect(try await Self.simulate(seeds).hash == Self.simulate(seeds).hash)
    #expect(try Simulation(seed: Self.first).hash != Simulation(seed: Self.first + 1).hash)
  }

  private static func simulate(_ seeds: Range<UInt64>) async throws -> Figures {
    try await withThrowingTaskGroup(of: Figures.self) { group in
      for thread in 0..<threads {
        // Simulations know nothing of each other, and each fills a thread.
        group.addTask {
          var figures = Figures()
          for seed in seeds where seed % threads == thread && figures.violations.count < 20 {
            figures.add(try Simulation(seed: seed, tail: seeds.count == 1 ? .max : 120))
          }
          return figures
        }
      }
      return try await group.reduce(into: Figures()) { $0.add($1) }
    }
  }
}
