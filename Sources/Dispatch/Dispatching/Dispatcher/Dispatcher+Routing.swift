// SPDX-License-Identifier: Apache-2.0

import Dispatch
public import DurableLog
public import EventModel
public import EventSources
import Expressions
import Rules
import Synchronization

// The requirements are documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Dispatcher: EventRouter {
  public func route(_ events: EventBatch, outcomes: [AppendOutcome], recorded: Timestamp) -> Routing {
    table.withLock { table in
      var routing = Routing()
      for index in outcomes.indices {
        guard case .appended(let position) = outcomes[index] else { continue }
        var check: ConditionCheck?
        for place in table.rules(for: index, of: events) {
          let rule = table.rules.rules[place]
          if let condition = rule.condition {
            var known =
              check
              ?? ConditionCheck(Self.stamped(index, of: events, position, recorded), in: surroundings.scope)
            let isWanted = decide(condition, of: rule, table.rules.revision, position, &known, &routing)
            check = known
            guard isWanted else { continue }
          }
          routing.runs.append(newRun(of: rule, for: index, table.rules.revision))
        }
      }
      return routing
    }
  }

  /// Whether a rule is to be run; a condition without a value is told of in `routing`.
  private func decide(
    _ condition: Condition,
    of rule: Rule,
    _ revision: String,
    _ position: LogPosition,
    _ check: inout ConditionCheck,
    _ routing: inout Routing
  ) -> Bool {
    switch check.verdict(condition) {
    case .holds: return true
    case .doesNotHold: return false
    case .hasNoValue(let error):
      failedConditions.withLock { $0[rule.id, default: 0] += 1 }
      let runs = rule.onError == .match
      guard rule.onError != .skip else { return runs }
      let failure = RuleFailure(
        rule: rule.id,
        revision: revision,
        condition: condition,
        position: position,
        error: error,
        explanation: condition.expression.explanation(of: error, in: check.scope),
        runs: runs
      )
      // At the hop limit the notice itself would prolong a loop; the count still tells of it.
      try? Emission.append(
        failure.event,
        from: rule.id,
        cause: check.document.root,
        clock: surroundings.clock,
        to: &routing.events
      )
      return runs
    }
  }

  /// An event of a batch as the world sees it.
  private static func stamped(
    _ index: Int,
    of events: EventBatch,
    _ position: LogPosition,
    _ recorded: Timestamp
  ) -> [UInt8] {
    let json = events.entries[index].json
    var event: [UInt8] = []
    event.reserveCapacity(json.count + EventStamp.greatestLength)
    EventStamp.append(events.bytes.span.extracting(json), position: position, recorded: recorded, to: &event)
    return event
  }

  private func newRun(of rule: Rule, for event: Int, _ revision: String) -> NewRun {
    let listener = rule.steps[0].listener
    return NewRun(
      event: event,
      rule: rule.id,
      revision: revision,
      listener: listener,
      startsAtOnce: lanes.withLock { $0.reserve(listener) }
    )
  }

  public func rolledBack() { lanes.withLock { $0.rollBack() } }
}

// The requirements are documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Dispatcher: CommitObserver {
  public func committed(_ commit: Commit) {
    guard !commit.runs.isEmpty else { return }
    let (taken, hasWork) = lanes.withLock { lanes in
      lanes.commit()
      var taken: [Run] = []
      for run in commit.runs {
        // What begins at once, and what waits here; the rest is left to the log.
        if run.state == .running || lanes.add(run.id, for: run.listener) { taken.append(run) }
      }
      return (taken, lanes.hasWork)
    }
    guard !taken.isEmpty || hasWork else { return }
    queue.async { [self] in
      var starting = Self.work(taken, of: commit)
      let end = starting.partition { $0.run.state == .pending }
      waiting.withLock { waiting in for work in starting[end...] { waiting.keep(work) } }
      begin(starting[..<end])
      if hasWork { goOn() }
    }
  }

  /// Runs with their events; both are in the order of the batch.
  private static func work(_ runs: [Run], of commit: Commit) -> [RunWork] {
    var index = 0
    return runs.map { run in
      while commit.outcomes[index] != .appended(run.position) { index += 1 }
      return RunWork(run: run, event: stamped(index, of: commit.events, run.position, commit.recorded))
    }
  }
}
