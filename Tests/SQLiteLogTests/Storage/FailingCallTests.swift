// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Foundation
import Synchronization
import FaultTesting
import Testing

@testable import LogConformance
@testable import SQLiteLog

/// Each call that SQLite makes to its storage, failing.
///
/// `EARSHOT_CALLS` says how many of them at most fail in each manner, spread over all; without it a few. The seed is
/// printed, and `EARSHOT_SEED` repeats it.
@Suite(.serialized, .timeLimit(.minutes(60))) struct FailingCallTests {
  @Test func `a call that fails leads to no false answer and loses nothing`() async throws {
    let most = FaultSize.of("EARSHOT_CALLS", short: 10)
    let seed = FaultSize.seed()
    let whole = try await trial(FailingCall(), seed)
    try #require(whole.failure == nil && whole.contents.count > 20)
    let count = whole.calls
    var random = SeededRandom(seed: seed)
    var tally: [String: Int] = [:]
    var failures = 0
    for manner in FailingCall.Manner.allCases {
      let step = Double(count) / Double(min(most, count))
      for index in 0..<min(most, count) {
        let spread = most < count ? Double.random(in: 0..<1, using: &random) : 0
        let place = Int((Double(index) + spread) * step)
        let trial = try await trial(FailingCall(place, manner), seed)
        let name =
          "seed \(seed), call \(place) of \(count) (\(trial.failed.map { "\($0)" } ?? "none")) fails \(manner)"
        check(trial, whole, manner, name)
        failures += trial.failed == nil ? 0 : 1
        tally[trial.result, default: 0] += 1
      }
    }
    print(
      "calls \(count), seed \(seed), failures \(failures), \(tally.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))"
    )
    #expect(tally["ended"] ?? 0 > 0 && failures > 0)
  }

  /// What came of one script.
  private struct Trial {
    var calls = 0
    var failed: WatchedStorage.Kind?
    /// The content before the first change, and after each that was acknowledged.
    var contents: [String] = []
    /// The first failure that a change was answered with, or the opening.
    var failure: LogFailure?
    var isOpened = false
    var fatal = 0
    /// How many changes were acknowledged after one had failed for good.
    var falseAnswers = 0
    /// The content once the log was opened again without a fault.
    var afterwards = ""
    var damage: LogVerification.Damage?
    var acknowledged = AcknowledgedEvents()
    /// The events that were acknowledged and are not there then.
    var missing: [String] = []

    var result: String {
      if !isOpened { return "not opened" }
      guard let failure else { return "went on" }
      return failure.isFatal ? "ended" : "refused"
    }
  }

  private func check(_ trial: Trial, _ whole: Trial, _ manner: FailingCall.Manner, _ name: String) {
    #expect(trial.damage == nil, "\(name): the log is damaged")
    #expect(trial.missing.isEmpty, "\(name): \(trial.missing) were acknowledged in vain")
    #expect(trial.falseAnswers == 0, "\(name): it took changes after it had failed")
    let isFatal = trial.isOpened && trial.failure?.isFatal == true
    #expect(trial.fatal == (isFatal ? 1 : 0), "\(name): it said \(trial.fatal) times that it has failed")
    var allowed = [trial.contents.last ?? whole.contents[0]]
    // Of what was answered with a failure for good, nobody knows whether it is on disk.
    if isFatal, whole.contents.starts(with: trial.contents), trial.contents.count < whole.contents.count {
      allowed.append(whole.contents[trial.contents.count])
    }
    #expect(
      allowed.contains(trial.afterwards),
      "\(name): what was acknowledged is not there; \(String(describing: trial.failure))"
    )
  }

  /// Runs the script on a new log, then opens it again without faults.
  private func trial(_ call: FailingCall, _ seed: UInt64) async throws -> Trial {
    try await withScratchFolder { folder in
      let path = folder + "/log"
      let storage = WatchedStorage { call.answer($0) }
      let clock = StandingClock()
      let fatal = Atomic(0)
      var trial = Trial()
      do {
        let disk = DiskUse(pagesPerCheckpoint: 24, storage: storage.name)
        // The same ones in all trials, so that what they leave can be compared.
        let random = { @Sendable in SeededRandom(seed: 1) as any RandomNumberGenerator }
        let log = try SQLiteLog(path: path, clock: clock, disk: disk, reserve: NoReserve(), random: random) {
          _ in
          fatal.add(1, ordering: .relaxed)
        }
        trial.isOpened = true
        try await run(log, path, LogWorkload(name: "calls", seed: seed, clock: clock), &trial)
        await log.close()
      } catch let failure as LogFailure {
        trial.failure = failure
      }
      trial.fatal = fatal.load(ordering: .relaxed)
      trial.calls = call.count
      trial.failed = call.failed
      try await reopen(path, &trial)
      return trial
    }
  }

  private func run(_ log: SQLiteLog, _ path: String, _ workload: LogWorkload, _ trial: inout Trial)
    async throws
  {
    var workload = workload
    log.start(router: try PrefixRouter.forStorage(), observer: NoRuns())
    let content = try LogContent(tablesOf: path)
    trial.contents.append(try content.text(of: path))
    for _ in 0..<25 {
      let change = LogChange(events: try workload.events())
      switch try await answer(to: change, log) {
      case .success:
        trial.acknowledged.note(change)
        if trial.failure?.isFatal == true { trial.falseAnswers += 1 }
        trial.contents.append(try content.text(of: path))
      case .failure(let failure): trial.failure = trial.failure ?? failure
      }
    }
  }

  /// The log's answer, which must come in time.
  private func answer(to change: LogChange, _ log: SQLiteLog) async throws -> Result<LogReceipt, LogFailure> {
    let answers = AsyncStream.makeStream(of: Result<LogReceipt, LogFailure>.self)
    log.submit(change) { answers.continuation.yield($0) }
    return try await withThrowingTaskGroup(of: Result<LogReceipt, LogFailure>?.self) { group in
      // Beside the wait below, so that a missing answer ends the test.
      group.addTask { await answers.stream.first { _ in true } }
      // The limit of that wait.
      group.addTask {
        try await Task.sleep(for: .seconds(30))
        return nil
      }
      defer { group.cancelAll() }
      return try #require(try await group.next() ?? nil, "the log does not answer")
    }
  }

  private func reopen(_ path: String, _ trial: inout Trial) async throws {
    let log = try await LogSession.open(path, StandingClock(), DiskUse())
    let content = try LogContent(tablesOf: path)
    trial.afterwards = try content.text(of: path)
    trial.damage = try LogVerification(path: path).damage
    trial.missing = try trial.acknowledged.missing(in: log)
    log.start(router: try PrefixRouter.forStorage(), observer: NoRuns())
    var workload = LogWorkload(name: "afterwards", seed: 1, clock: StandingClock())
    _ = try await answer(to: LogChange(events: try workload.events()), log).get()
    await log.close()
  }
}
