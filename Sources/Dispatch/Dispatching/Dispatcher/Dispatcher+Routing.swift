// SPDX-License-Identifier: Apache-2.0

public import DurableLog
public import EventModel
public import EventSources
import Expressions
import Rules
import Synchronization
import Timing

// The requirements are documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Dispatcher: EventRouter {
  public func route(
    _ events: EventBatch,
    outcomes: [AppendOutcome],
    at time: SteadyClock.Reading,
    in transaction: any RoutingTransaction
  ) throws -> EventBatch {
    try table.withLock { table in
      var flow = RuleFlow(context(table, time), in: transaction, at: time)
      for index in outcomes.indices {
        guard case .appended(let position) = outcomes[index] else { continue }
        let hits = table.hits(for: index, of: events)
        let sites = table.awaits.sites(for: index, of: events)
        let strung = table.streams.completeHits(for: index, of: events)
        var occasion: Occasion?
        if !strung.isEmpty {
          let known = self.occasion(index, of: events, position, time, in: transaction)
          occasion = known
          try Self.extend(strung, with: known, in: transaction, surroundings.clock, &flow.notices)
        }
        if !sites.isEmpty {
          let known = occasion ?? self.occasion(index, of: events, position, time, in: transaction)
          occasion = known
          try answer(sites, with: known, in: transaction)
        }
        var next = 0
        while next < hits.count {
          let hit = hits[next]
          if table.isCatchingUp(hit.rule) {
            next += 1
            continue
          }
          if table.writesFiles[hit.rule] {
            let rule = table.rules.rules[hit.rule]
            if isOwn(index, of: events, by: rule.id, at: time) {
              try flow.note(.own, position, rule)
              while next < hits.count, hits[next].rule == hit.rule { next += 1 }
              continue
            }
          }
          if hit.join == nil, let names = table.plainNames(hit.rule) {
            try transaction.makeRun(newRun(names, for: position, at: time.steady))
            next += 1
            continue
          }
          let rule = table.rules.rules[hit.rule]
          let known = occasion ?? self.occasion(index, of: events, position, time, in: transaction)
          occasion = known
          try Self.follow(hits, from: &next, rule, known, &flow)
        }
      }
      var notices = flow.notices
      if let change = table.clock.look(time) { tell(of: change, to: &notices) }
      return notices
    }
  }

  /// Tells that the wall clock was set.
  private func tell(of change: Duration, to notices: inout EventBatch) {
    var intake = EventIntake(defaultSource: "earshot", clock: surroundings.clock)
    try? intake.append(ClockWatch.notice(change).span, to: &notices)
  }

  /// Leads an event through a rule by the next hit, with all other elements of the same join.
  static func follow(
    _ hits: [RoutingTable.Hit],
    from next: inout Int,
    _ rule: Rule,
    _ occasion: Occasion,
    _ flow: inout RuleFlow
  ) throws {
    let hit = hits[next]
    var fits: [Int] = []
    while next < hits.count, hits[next].rule == hit.rule, hits[next].join == hit.join {
      fits.append(hits[next].element)
      next += 1
    }
    guard let join = hit.join else { return try flow.react(rule, to: occasion) }
    try flow.join(rule.joins[join], of: rule, fits: fits, occasion)
  }

  public func change(
    _ window: StoredWindow,
    _ wish: WindowWish,
    at time: SteadyClock.Reading,
    in transaction: any RoutingTransaction
  ) throws -> EventBatch {
    try table.withLock { table in
      if case .advance(_, let limit) = wish, let rule = RuleBeginning.rule(of: window.owner) {
        return try advance(window, rule, limit: limit, &table, at: time, in: transaction)
      }
      if Replay.isOwner(window.owner) {
        return try change(window, ofReplay: wish, &table, at: time, in: transaction)
      }
      if StreamOwner.isOne(window.owner) {
        switch wish {
        case .advance(_, let limit): return try advanceStreams(window, limit: limit, &table, in: transaction)
        case .forget: try Self.forgetStreams(of: window, in: transaction)
        default: break
        }
        return EventBatch()
      }
      var flow = RuleFlow(context(table, time), in: transaction, at: time)
      guard let keeper = table.keepers[window.owner] else {
        // Its rule is gone or switched off.
        try flow.forget(window)
        return EventBatch()
      }
      try flow.change(window, wish, of: keeper, table.rules.rules[keeper.rule])
      return flow.notices
    }
  }

  func context(_ table: borrowing RoutingTable, _ time: SteadyClock.Reading) -> RuleFlow.Context {
    RuleFlow.Context(
      revision: table.rules.revision,
      scope: surroundings.scope,
      clock: surroundings.clock,
      orders: table.orders,
      reserve: { [self] listener, rule in lanes.withLock { $0.reserve(listener, rule, at: time.steady) } },
      countFailure: { [self] rule in failedConditions.withLock { $0[rule, default: 0] += 1 } },
      lookup: PastStates.Definitions(
        table.rules.aggregates,
        table.lookedUpViews,
        folding: surroundings.viewFolding,
        behind: table.streams.behind
      ),
      states: states
    )
  }

  private func newRun(_ names: RunNames, for position: LogPosition, at now: Timestamp) -> NewRun {
    let begins = lanes.withLock { $0.reserve(names.listener, names.rule, at: now) }
    return NewRun(position: position, names: names, state: begins ? .running : .pending)
  }

  private func occasion(
    _ index: Int,
    of events: EventBatch,
    _ position: LogPosition,
    _ time: SteadyClock.Reading,
    in transaction: any RoutingTransaction
  ) -> Occasion {
    Occasion(
      Firing(position, of: [position]),
      event: Self.stamped(index, of: events, position, time.civil.rfc3339Bytes),
      in: transaction,
      surroundings.scope
    )
  }

  /// An event of a batch as the world sees it.
  private static func stamped(
    _ index: Int,
    of events: EventBatch,
    _ position: LogPosition,
    _ recorded: [UInt8]
  ) -> [UInt8] {
    let json = events.entries[index].json
    var event: [UInt8] = []
    EventStamp.append(events.bytes.span.extracting(json), position: position, recorded: recorded, to: &event)
    return event
  }

  public func rolledBack() {
    lanes.withLock { $0.rollBack() }
    table.withLock { $0.rollBack() }
    states.forget()
  }
}

// The requirements are documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Dispatcher: CommitObserver {
  public func committed(_ commit: Commit) {
    table.withLock { $0.commit() }
    if let due = commit.due { alarm.withLock { $0 }?.set(due) }
    if !commit.cancelled.isEmpty {
      queue.async { [self] in cancelAttempts(of: commit.cancelled) }
    }
    guard !commit.runs.isEmpty else { return }
    let now = surroundings.log.clock.now()
    let (taken, hasWork) = lanes.withLock { lanes in
      lanes.commit()
      var taken: [Run] = []
      for run in commit.runs {
        // What begins at once, and what waits here; the rest is left to the log.
        switch run.state {
        case .running: taken.append(run)
        case .pending: if lanes.add(run.id, of: run.rule, for: run.listener) { taken.append(run) }
        default: break
        }
      }
      return (taken, lanes.hasWork(at: now))
    }
    guard !taken.isEmpty || hasWork else { return }
    queue.async { [self] in
      let work = Self.work(taken, of: commit)
      waiting.withLock { waiting in for item in work.waiting { waiting.keep(item) } }
      begin(work.starting)
      beginFromLog(work.others)
      beginWaiting()
    }
  }

  /// Runs with their events, in the order of the batch: those that begin at once and those that wait; and those that begin
  /// and whose event is not one of the batch.
  private static func work(
    _ runs: [Run],
    of commit: Commit
  ) -> (starting: [RunWork], waiting: [RunWork], others: [RunID]) {
    var index = 0
    var work: (starting: [RunWork], waiting: [RunWork], others: [RunID]) = ([], [], [])
    let first = commit.firstPosition
    let recorded = commit.recorded.rfc3339Bytes
    for run in runs {
      let begins = run.state == .running
      guard let first, run.position >= first else {
        if begins { work.others.append(run.id) }
        continue
      }
      let outcome = AppendOutcome.appended(run.position)
      let found = commit.outcomes[index...].firstIndex(of: outcome) ?? commit.outcomes.firstIndex(of: outcome)
      guard let found else { preconditionFailure("a run is made for an event that is there") }
      index = found
      let event = stamped(index, of: commit.events, run.position, recorded)
      if begins {
        work.starting.append(RunWork(run: run, event: event))
      } else {
        work.waiting.append(RunWork(run: run, event: event))
      }
    }
    return work
  }
}

extension Timestamp {
  fileprivate var rfc3339Bytes: [UInt8] {
    var bytes: [UInt8] = []
    appendRFC3339(to: &bytes)
    return bytes
  }
}

extension Commit {
  /// The position of the first event that was appended.
  fileprivate var firstPosition: LogPosition? {
    for outcome in outcomes { if case .appended(let position) = outcome { return position } }
    return nil
  }
}
