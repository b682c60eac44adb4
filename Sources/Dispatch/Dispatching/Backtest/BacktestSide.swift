// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Expressions
import PluginWire
import Rules
import Synchronization

/// One side of a backtest: the engine itself with a set of rules, on a clock that is moved from event to event.
///
/// Everything is done by the caller, in order and without waiting, so that the same rules do the same each time. One caller at a
/// time.
final class BacktestSide: Sendable {
  /// As many attempts as there are may be under way: when they end is known.
  private static let credit = 1 << 40

  private let log: WorkingLog
  private let clock: VirtualClock
  private let queue = PieceQueue()
  private let actions: StubbedActions
  private let dispatcher: Dispatcher
  private let deeds: DeedBook

  /// Puts an engine together that begins at an instant.
  init(
    _ rules: RuleSet,
    at start: Timestamp,
    over recording: Recording,
    from position: LogPosition,
    past: RecordedRuns,
    scope: ScopeSurroundings,
    _ viewFolding: (any ViewFolding)?
  ) {
    clock = VirtualClock(start)
    log = WorkingLog(clock: clock, over: recording, from: position, past: past)
    actions = StubbedActions(log)
    deeds = DeedBook(log)
    var surroundings = Dispatcher.Surroundings(
      log: log,
      clock: clock,
      scope: scope,
      runner: actions,
      fetchRules: { _ in nil },
      report: { _ in },
      viewFolding: viewFolding
    )
    surroundings.isDriven = true
    surroundings.queue = queue
    surroundings.random = SeededRandom(seed: 0)
    let listeners = Set(rules.rules.flatMap { $0.steps.map(\.listener) })
    let credits = Dictionary(uniqueKeysWithValues: listeners.map { ($0, Self.credit) })
    surroundings.observe = { [deeds] step, work in deeds.note(step, work) }
    dispatcher = Dispatcher(rules, credits: credits, in: surroundings)
    actions.answer(to: dispatcher)
    log.start(router: dispatcher, observer: dispatcher)
  }

  /// Lets groups of recorded events happen, and what is due before them.
  func tell(_ groups: [RecordedGroup]) throws {
    for group in groups {
      try pass(group.elapsed)
      if group.clockChange != .zero { clock.set(by: group.clockChange) }
      if let reply = group.reply, !deeds.has(reply) { continue }
      try log.tell(group)
      try settle()
    }
  }

  /// Lets time pass, and what is due in it happen.
  func pass(_ duration: Duration) throws {
    let goal = log.clock.now() + duration
    while let next = [actions.next, dispatcher.alarm.withLock({ $0?.instant })].compactMap({ $0 }).min(),
      next <= goal
    {
      advance(to: next)
      dispatcher.alarm.withLock { $0 }?.ring(at: log.clock.now())
      try settle()
    }
    advance(to: goal)
  }

  private func advance(to instant: Timestamp) {
    let now = log.clock.now()
    guard instant > now else { return }
    // Steady time goes on in microseconds.
    let rest = (instant - now).microseconds
    clock.advance(by: .microseconds(now + .microseconds(rest) < instant ? rest + 1 : rest))
  }

  /// Does all that is to be done at once.
  private func settle() throws {
    while true {
      queue.drain()
      if let failure = log.failure { throw failure }
      let ended = try actions.take(at: log.clock.now())
      guard !ended.isEmpty else { return }
      dispatcher.finished(ended)
    }
  }

  /// Forgets what nothing needs any more; gives the oldest recorded event from which something may still come.
  func tidy() -> LogPosition { log.tidy() }

  /// How many windows and runs are open.
  var openCount: Int { log.openCount }

  /// The firings whose runs have ended since the last call.
  func takeEnded() -> [RuleFiring] { log.takeEnded() }

  /// The firings whose runs are open; to be called once, at the end.
  func takeOpen() -> [RuleFiring] { log.takeOpen() }

  /// How often a condition or key of each rule had no value.
  var conditionFailures: [String: Int] { dispatcher.conditionFailures() }
}
