// SPDX-License-Identifier: Apache-2.0

import Dispatch
public import DurableLog
public import EventModel
public import Expressions
import Failpoints
import PluginWire
public import Rules
import Synchronization

/// Turns events into runs and sees every run to its end.
///
/// Safe to use from any thread; see the theory of operation in `Dispatching.swift`.
public final class Dispatcher: Sendable {
  /// What the dispatcher needs of the host.
  public struct Surroundings: Sendable {
    let log: any DurableLog
    let clock: any HostClock
    let scope: ScopeSurroundings
    let runner: any AttemptRunner
    let fetchRules: @Sendable (_ revision: String) throws(LogFailure) -> RuleSet?
    let report: @Sendable (_ line: String) -> Void
    /// Folds rows of views that conditions look up; without, they have no value.
    let viewFolding: (any ViewFolding)?
    /// Sees what each step asks for when its turn has come; for trials.
    var observe: (@Sendable (CurrentStep, CurrentStep.Work) -> Void)?
    /// Where the dispatcher's work is done; a simulation brings its own, and chooses what happens when.
    var queue: any WorkQueue = DispatchQueue(label: "earshot-dispatch")
    /// Where it waits, if not on the threads of the runtime.
    var executor: (any TaskExecutor)?
    /// Whether somebody else keeps the time, and rings the dispatcher's alarm.
    var isDriven = false
    /// Where jitter comes from.
    var random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()

    /// Makes surroundings.
    ///
    /// `scope` is what expressions may speak of besides events; `fetchRules` gives the rules of an older revision, or nil when they cannot be used any more, and may block; `report` takes lines for the host's log.
    public init(
      log: any DurableLog,
      clock: any HostClock,
      scope: ScopeSurroundings,
      runner: any AttemptRunner,
      fetchRules: @escaping @Sendable (_ revision: String) throws(LogFailure) -> RuleSet?,
      report: @escaping @Sendable (_ line: String) -> Void,
      viewFolding: (any ViewFolding)? = nil
    ) {
      self.viewFolding = viewFolding
      self.log = log
      self.clock = clock
      self.scope = scope
      self.runner = runner
      self.fetchRules = fetchRules
      self.report = report
    }
  }

  /// How many steps of its own the dispatcher has under way: only their commits take time.
  static let ownCredit = 1024

  let surroundings: Surroundings
  let queue: any WorkQueue
  let shelf: RevisionShelf
  let lanes = Mutex(LaneTable())
  /// What is known of runs in the lanes' windows; used on the queue.
  let waiting = Mutex(WaitingWork())
  let table: Mutex<RoutingTable>
  /// What listeners are given one after another; apart from the table, which the log's writer holds while it routes.
  let orders = Mutex<[String: Key]>([:])
  /// The attempts under way, by ticket, which is the run's id.
  let open = Mutex<[UInt64: OpenStep]>([:])
  /// How many steps have ended, or are to begin, of which the log does not know yet.
  let uncommitted = Mutex(0)
  /// The lanes in which something has failed; used on the queue.
  let breakers = Mutex<[LaneName: Breaker]>([:])
  /// When the breakers of listeners open that say so themselves.
  let breakerSettings = Mutex<[String: Breaker.Settings]>([:])
  /// Runs that are to end of which an attempt is under way, or something is known from before.
  let toEnd = Mutex<Set<RunID>>([])
  /// How often what runs need has looked damaged; used on the queue.
  let unreadable = Mutex<[RunID: Int]>([:])
  /// What attempts change in the file system.
  let ownFiles = Mutex(OwnFiles())
  /// How often a condition or key of each rule had no value.
  let failedConditions = Mutex<[String: Int]>([:])
  /// The states that conditions have looked up.
  let states = StateMemory()
  let alarm = Mutex<Alarm?>(nil)
  private let onIdle = Mutex<[CheckedContinuation<Void, Never>]>([])

  /// Makes a dispatcher for rules, to none of which older events matter; `credits` says how many runs each listener may have under way.
  public init(_ rules: RuleSet, credits: [String: Int], in surroundings: Surroundings) {
    self.surroundings = surroundings
    queue = surroundings.queue
    shelf = RevisionShelf(fetch: surroundings.fetchRules)
    table = Mutex(RoutingTable(rules))
    let ring = { @Sendable [weak self] in _ = self?.passTime() }
    alarm.withLock {
      $0 =
        surroundings.isDriven
        ? Alarm(ring: ring) : Alarm(clock: surroundings.log.clock, on: surroundings.executor, ring: ring)
    }
    put(RoutingTable(rules), credits)
  }

  /// Routes events to these rules from now on; runs that exist finish under the rules that made them.
  ///
  /// New rules that begin with older events must have been told so with `begin` before, new aggregates with `beginStreams`, and go on with `catchUp`.
  public func use(_ rules: RuleSet, credits: [String: Int]) throws {
    let new = RoutingTable(
      rules,
      catchingUp: try catchingUp(rules),
      olderSites: try olderSites(),
      streamsBehind: try streamsBehind(rules)
    )
    put(new, credits)
  }

  private func put(_ new: RoutingTable, _ credits: [String: Int]) {
    shelf.put(new.rules)
    var credits = credits
    credits[Step.ownListener] = Self.ownCredit
    let rates = new.rules.listeners.compactMap { listener in listener.rate.map { (listener.id, $0) } }
    lanes.withLock { lanes in
      lanes.setCredits(credits)
      lanes.setRates(Dictionary(rates) { first, _ in first })
    }
    orders.withLock { $0 = new.orders }
    let settings = new.rules.listeners.map { listener in
      (listener.id, Breaker.Settings(failures: listener.breakerFailures, pause: listener.breakerPause))
    }
    breakerSettings.withLock { $0 = Dictionary(settings) { first, _ in first } }
    table.withLock { table in
      let clock = table.clock
      table = new
      table.clock = clock
    }
  }

  /// Takes the outcomes of attempts that the runner has made.
  public func finished(_ outcomes: [AttemptOutcome]) {
    Failpoint.outcomeHeard.pass()
    settle(outcomes.map { ($0.ticket, .reply($0.reply)) })
  }

  /// Takes attempts that have begun and of which nobody knows how they ended, and why that is so.
  public func lost(_ attempts: [(ticket: UInt64, reason: String)]) {
    settle(attempts.map { ($0.ticket, .unknown($0.reason)) })
  }

  private func settle(_ endings: [(ticket: UInt64, ending: Ending)]) {
    queue.async { [self] in
      let ended = open.withLock { open in
        // Taken out, so what is told twice counts once.
        endings.compactMap { ticket, ending in
          open.removeValue(forKey: ticket).map { EndedStep($0.step, ending, input: $0.input) }
        }
      }
      noteWritten(by: ended.map(\.step))
      goOn(settling: ended)
    }
  }

  /// How often the condition of each rule had no value since the host started.
  public func conditionFailures() -> [String: Int] { failedConditions.withLock { $0 } }

  /// Hands out no further attempt.
  public func quiesce() { lanes.withLock { $0.isHandingOut = false } }

  /// Returns once no attempt is under way or about to begin, and all that ended is committed.
  public func waitUntilIdle() async {
    await withCheckedContinuation { continuation in
      // On the queue, so that what has been committed already has begun.
      queue.async { [self] in
        onIdle.withLock { $0.append(continuation) }
        noteIdle()
      }
    }
  }

  func noteIdle() {
    guard open.withLock({ $0.isEmpty }), uncommitted.withLock({ $0 }) == 0 else { return }
    let waiting = onIdle.withLock { onIdle in
      defer { onIdle = [] }
      return onIdle
    }
    for continuation in waiting { continuation.resume() }
  }
}
