// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Expressions
import Foundation
import Rules
import Testing

@testable import Dispatching

/// Backtests of made-up rules, with all time operators, modes, branches and awaited events, over what they did.
@Suite struct BacktestModelTests {
  /// Few by default; `EARSHOT_SEEDS` says how many.
  private static let seeds =
    0..<(ProcessInfo.processInfo.environment["EARSHOT_SEEDS"].flatMap { UInt64($0) } ?? 12)

  private static func report(_ new: RuleSet, _ old: RuleSet, _ world: RecordedWorld) async throws
    -> BacktestReport
  {
    let backtest = Backtest(new, against: old, over: world.log, scope: .empty) { revision in
      [new, old].first { $0.revision == revision }
    }
    return try await backtest.run(from: LogPosition(rawValue: 1), until: world.end) { _ in }
  }

  @Test(arguments: Self.seeds)
  func `the same rules make no difference`(seed: UInt64) async throws {
    let rules = try Scenario.of(seed).revisions[0]
    let world = try await RecordedWorld(rules, events: 50, seed: seed, prompt: false)
    let report = try await Self.report(rules, rules, world)
    #expect(report.isSame, "\(report.json.json)")
    #expect(
      report.lines.reduce(0) { $0 + $1.firings.before } == report.lines.reduce(0) { $0 + $1.firings.after }
    )
  }

  @Test(arguments: Self.seeds)
  func `what one direction gains the other one loses`(seed: UInt64) async throws {
    let sets = try Scenario.of(seed).revisions
    let world = try await RecordedWorld(sets[0], events: 50, seed: seed, prompt: false)
    let there = try await Self.report(sets[1], sets[0], world)
    let back = try await Self.report(sets[0], sets[1], world)
    for (left, right) in zip(there.lines, back.lines) {
      #expect(left.firings.before == right.firings.after && left.firings.after == right.firings.before)
      #expect(left.differences[.gained] == right.differences[.lost], "\(left.rule)")
      #expect(left.differences[.lost] == right.differences[.gained], "\(left.rule)")
      #expect(left.differences[.changed] == right.differences[.changed], "\(left.rule)")
    }
  }

  @Test(arguments: Self.seeds)
  func `rules fire as often as they did`(seed: UInt64) async throws {
    let rules = try Scenario.of(seed).revisions[0]
    let world = try await RecordedWorld(rules, events: 50, seed: seed, prompt: true)
    let report = try await Self.report(rules, rules, world)
    let fired = report.lines.filter { $0.firings.before > 0 }.map { ($0.rule, $0.firings.before) }
    let (again, then) = (Dictionary(uniqueKeysWithValues: fired), try world.firings())
    #expect(again == then, "\(again) instead of \(then)")
  }
}
