// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Failpoints
import PluginWire
import Rules
import Synchronization

/// Beginning attempts and settling them; all of it on the dispatcher's queue.
extension Dispatcher {
  /// How an attempt has ended, as far as anybody knows.
  enum Ending: Sendable {
    case reply(RunReply)
    case unknown(String)
    /// The step's condition does not hold.
    case passedOver
    /// The step waits by itself.
    case hold(Duration, output: [UInt8])
    /// The step waits for an event, which has not come before that position.
    case awaits(CurrentStep.Awaiting, from: LogPosition)
    /// The rule gives the run up, for this reason.
    case givenUp(String)
    /// The run goes on with the step of that index.
    case goOn(with: Int)
    /// The run is cancelled and takes back what it has done.
    case takeBack
    /// The step has branches.
    case branches(BranchEnding)
  }

  /// What one change of the log is to bring about.
  struct Round: Sendable {
    var settled: [(step: CurrentStep, settlement: Settlement, entry: HistoryEntry?)] = []
    var claimed: [Claim] = []
    /// Events that tell of lanes.
    var notices = EventBatch()
    var isEmpty: Bool { settled.isEmpty && claimed.isEmpty }
    /// How many runs wait for its commit.
    var count: Int { settled.count + claimed.reduce(0) { $0 + $1.runs.count } }

    /// The change: first what has ended, then what begins.
    var change: LogChange {
      var change = LogChange()
      for (_, settlement, entry) in settled {
        change.append(
          settlement.change,
          settlement.events,
          entry,
          awaiting: settlement.awaiting,
          forking: settlement.fork
        )
      }
      change.events.append(notices)
      for claim in claimed { change.runs += claim.runs.map { .attempt($0, by: claim.lane.listener) } }
      return change
    }
  }

  /// Begins attempts that the log counts already.
  func begin(_ work: some Sequence<RunWork>) {
    if !toEnd.withLock({ $0.isEmpty }) { forgetEnding(work.map(\.run)) }
    var begun: [(ticket: UInt64, step: OpenStep)] = []
    var requests = ListenerRequests()
    var ended: [EndedStep] = []
    let hasDoubts = unreadable.withLock { !$0.isEmpty }
    for item in work {
      let step: CurrentStep
      do throws(LogFailure) {
        guard let found = try self.step(of: item) else {
          end(item.run, item.event, because: Self.lostRule(item.run))
          continue
        }
        step = found
        if hasDoubts { noteReadable(item.run.id) }
      } catch {
        beginLater(item.run, event: item.event, after: error)
        continue
      }
      let work = step.work(in: surroundings.scope, at: surroundings.clock.now())
      surroundings.observe?(step, work)
      switch work {
      case .deliver(let plugin, let request):
        let ticket = UInt64(item.run.id.rawValue)
        begun.append((ticket, OpenStep(step: step, input: remembered(request.with, of: step))))
        noteWriting(step, request.with, ticket)
        requests.append(PluginRun(ticket: ticket, request: request), for: plugin)
      case .emit(let event):
        let ending = Ending.reply(.ack(output: nil, emit: [event]))
        ended.append(EndedStep(step, ending, input: remembered(event, of: step)))
      case .shadow(let work):
        let ending = Ending.reply(.ack(output: nil, emit: []))
        ended.append(EndedStep(step, ending, input: work.deed.flatMap { remembered($0, of: step) }))
      case .pass: ended.append(EndedStep(step, .passedOver))
      case .note(let output): ended.append(EndedStep(step, .reply(.ack(output: output, emit: []))))
      case .hold(let pause, let output): ended.append(EndedStep(step, .hold(pause, output: output)))
      case .awaits(let awaiting): beginWaiting(for: awaiting, at: step)
      case .fail(let reason): ended.append(EndedStep(step, .givenUp(reason)))
      case .goOn(let next): ended.append(EndedStep(step, .goOn(with: next)))
      case .takeBack: ended.append(EndedStep(step, .takeBack))
      case .branches(let work): if let step = lead(work, of: step) { ended.append(step) }
      case .impossible(let reason): ended.append(EndedStep(step, .reply(.fail(message: reason))))
      }
    }
    if !begun.isEmpty { send(requests, begun) }
    if !ended.isEmpty { goOn(settling: ended) }
  }

  /// Forgets that runs are to end which know it themselves.
  private func forgetEnding(_ runs: [Run]) {
    toEnd.withLock { toEnd in for run in runs where run.isCancelled { toEnd.remove(run.id) } }
  }

  private func send(_ requests: ListenerRequests, _ begun: [(ticket: UInt64, step: OpenStep)]) {
    open.withLock { open in for (ticket, step) in begun { open[ticket] = step } }
    Failpoint.attemptCommitted.pass()
    for (listener, runs) in requests.groups { surroundings.runner.begin(runs, by: listener) }
    Failpoint.attemptSent.pass()
  }

  /// Commits how attempts have ended, and claims what can begin next.
  func goOn(settling ended: [EndedStep] = []) {
    var round = Round()
    var random = surroundings.random
    for item in ended {
      let settlement = settlement(of: item.step, item.ending, random: &random)
      let entry = entry(of: item.step, settlement.outcome, input: item.input)
      round.settled.append((item.step, settlement, entry))
    }
    round.notices = noteEndings(ended)
    lanes.withLock { lanes in for item in ended { lanes.release(item.step.run.listener) } }
    refill()
    let now = surroundings.log.clock.now()
    let next: Timestamp?
    (round.claimed, next) = lanes.withLock { ($0.claim(at: now), $0.nextStart(after: now)) }
    alarm.withLock { $0 }?.set(next)
    uncommitted.withLock { $0 += round.count }
    commit(round)
  }

  /// Commits a round; when the disk is full, again and again until there is room.
  private func commit(_ round: Round) {
    guard !round.isEmpty else { return noteIdle() }
    surroundings.log.submit(round.change) { [self] result in
      switch result {
      case .success(let receipt): queue.async { [self] in committed(round, receipt) }
      case .failure(let failure) where failure.isFatal: break
      case .failure(let failure):
        surroundings.report("\(failure); what has been done is not recorded yet")
        later { [self] in commit(round) }
      }
    }
  }

  /// Does something on the queue in a moment, when there may be room on the disk again.
  func later(_ work: @escaping @Sendable () -> Void) {
    // Waiting must hold neither the log's thread nor the queue.
    Task(executorPreference: surroundings.executor) { [self] in
      try? await surroundings.clock.sleep(for: .seconds(1))
      queue.async(work)
    }
  }

  /// What an attempt's end means.
  func settlement(
    of step: CurrentStep,
    _ ending: Ending,
    random: inout some RandomNumberGenerator
  ) -> Settlement {
    let (clock, steady) = (surroundings.clock, surroundings.log.clock)
    let orders = orders.withLock { $0 }
    switch ending {
    case .reply(let reply):
      return step.settlement(reply, clock: clock, steady: steady, orders: orders, random: &random)
    case .unknown(let reason):
      return step.settlement(unknown: reason, clock: clock, steady: steady, orders: orders, random: &random)
    case .passedOver:
      let reply = RunReply.ack(output: nil, emit: [])
      return step.settlement(
        reply,
        clock: clock,
        steady: steady,
        orders: orders,
        isPassedOver: true,
        random: &random
      )
    case .takeBack: return step.cancellation(step.run.outputs, clock, orders)
    case .branches(let ending):
      return step.settlement(branches: ending, clock: clock, steady: steady, orders: orders)
    case .goOn(let next): return step.settlement(goingOnWith: next, orders: orders)
    case .givenUp(let reason):
      let reply = RunReply.fail(message: reason)
      return step.settlement(reply, clock: clock, steady: steady, orders: orders, random: &random)
    case .awaits(let awaiting, let position):
      return step.settlement(awaiting: awaiting, from: position, clock: clock, steady: steady)
    case .hold(let pause, let output):
      return step.settlement(holding: pause, output: output, steady: steady)
    }
  }

  private func committed(_ round: Round, _ receipt: LogReceipt) {
    if !round.settled.isEmpty { Failpoint.outcomeCommitted.pass() }
    for (step, settlement, _) in round.settled { noteSettled(step, settlement) }
    uncommitted.withLock { $0 -= round.count }
    note(receipt)
    var begun: [RunID] = []
    var lost: [RunID] = []
    var results = receipt.runChanges.dropFirst(round.settled.count)
    lanes.withLock { lanes in
      for claim in round.claimed {
        for run in claim.runs {
          if results.popFirst() == true {
            begun.append(run)
          } else {
            // Was changed by somebody else meanwhile, and does not wait any more, or for another listener.
            lanes.putBack(claim.lane)
            lost.append(run)
          }
        }
        lanes.begun(claim)
      }
    }
    if !lost.isEmpty { lookAgain(at: lost) }
    if !begun.isEmpty { begin(begun) }
    if !beginWaiting() { noteIdle() }
  }

  /// Goes on if something that waits may begin, and says whether it may; if a rate holds it up, it goes on later.
  @discardableResult
  func beginWaiting() -> Bool {
    let now = surroundings.log.clock.now()
    let (hasWork, next) = lanes.withLock { ($0.hasWork(at: now), $0.nextStart(after: now)) }
    alarm.withLock { $0 }?.set(next)
    if hasWork { goOn() }
    return hasWork
  }

  private func noteSettled(_ step: CurrentStep, _ settlement: Settlement) {
    if settlement.change.mayEnd, !toEnd.withLock({ $0.isEmpty }) {
      toEnd.withLock { _ = $0.remove(step.run.id) }
    }
    switch settlement.change {
    case .advance(let run, let next, _):
      guard lanes.withLock({ $0.add(run, of: step.rule.id, for: next.listener) }) else { break }
      if let next = step.run.applying(settlement.change, at: surroundings.clock.now()) {
        // What was cancelled meanwhile is not as it is known here.
        guard !toEnd.withLock({ $0.contains(run) }) else { break }
        waiting.withLock { $0.keep(RunWork(run: next, event: step.event)) }
      }
    case .hold(_, let due, _), .retry(_, let due, _): alarm.withLock { $0 }?.set(due)
    case .die(let run, let failure):
      surroundings.report("run \(run.rawValue) of '\(step.rule.id)' is dead: \(failure)")
    case .doubt(let run, let failure):
      surroundings.report("run \(run.rawValue) of '\(step.rule.id)' is uncertain: \(failure)")
    case .compensate(let run, let failure, _):
      surroundings.report(
        "run \(run.rawValue) of '\(step.rule.id)' has failed and taken back what it had done: \(failure)"
      )
    case .stick(let run, let failure):
      surroundings.report(
        "run \(run.rawValue) of '\(step.rule.id)' cannot take back what it has done: \(failure)"
      )
    case .finish, .attempt, .interrupt, .wake, .fulfil, .postpone, .cancel, .revive, .resume, .drop, .join,
      .abort, .undo:
      break
    }
  }

  /// Begins attempts of runs that waited and whose beginning has been committed.
  private func begin(_ runs: [RunID]) {
    let now = surroundings.clock.now()
    var known: [RunWork] = []
    var others: [RunID] = []
    waiting.withLock { waiting in
      for run in runs {
        if var work = waiting.take(run),
          let begun = work.run.applying(.attempt(run, by: work.run.listener), at: now)
        {
          work.run = begun
          known.append(work)
        } else {
          others.append(run)
        }
      }
    }
    begin(known)
    beginFromLog(others)
  }

  /// Notes what a change has led to: runs that are pending now, and attempts that are to be cancelled.
  func note(_ receipt: LogReceipt) {
    if !receipt.cancelled.isEmpty { cancelAttempts(of: receipt.cancelled) }
    guard !receipt.released.isEmpty else { return }
    lanes.withLock { lanes in for run in receipt.released { lanes.add(run.id, to: run.lane) } }
  }

  /// Asks for the end of attempts whose runs are to be cancelled; how they end is told as ever.
  func cancelAttempts(of runs: [Run]) {
    toEnd.withLock { $0.formUnion(runs.lazy.filter(\.isToEnd).map(\.id)) }
    // What is known of them from before does not hold any more.
    waiting.withLock { waiting in for run in runs { _ = waiting.take(run.id) } }
    let open = open.withLock { open in runs.filter { open[UInt64($0.id.rawValue)] != nil } }
    let groups = Dictionary(grouping: open, by: \.listener).sorted { $0.key < $1.key }
    for (listener, runs) in groups {
      surroundings.runner.cancel(runs.map { UInt64($0.id.rawValue) }, by: listener)
    }
  }
}
