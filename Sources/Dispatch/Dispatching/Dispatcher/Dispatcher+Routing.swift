// SPDX-License-Identifier: Apache-2.0

import Dispatch
public import DurableLog
public import EventModel
public import EventSources
import Rules
import Synchronization

// The requirements are documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Dispatcher: EventRouter {
  public func route(_ events: EventBatch, outcomes: [AppendOutcome]) -> [NewRun] {
    let table = table.withLock { $0 }
    var runs: [NewRun] = []
    for index in outcomes.indices {
      guard case .appended = outcomes[index] else { continue }
      for rule in table.rules(for: index, of: events) {
        let rule = table.rules.rules[rule]
        let listener = rule.steps[0].listener
        runs.append(
          NewRun(
            event: index,
            rule: rule.id,
            revision: table.rules.revision,
            listener: listener,
            startsAtOnce: lanes.withLock { $0.reserve(listener) }
          )
        )
      }
    }
    return runs
  }

  public func rolledBack() { lanes.withLock { $0.rollBack() } }
}

// The requirements are documented at the protocol.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Dispatcher: CommitObserver {
  public func committed(_ commit: Commit) {
    guard !commit.runs.isEmpty else { return }
    var starting = commit.runs
    starting.removeAll { $0.state != .running }
    let hasWork = lanes.withLock { lanes in
      lanes.commit()
      for run in commit.runs where run.state == .pending { lanes.add(run.id, for: run.listener) }
      return lanes.hasWork
    }
    guard !starting.isEmpty || hasWork else { return }
    queue.async { [self, starting] in
      begin(Self.work(starting, of: commit))
      if hasWork { goOn() }
    }
  }

  /// Runs with their events; both are in the order of the batch.
  private static func work(_ runs: [Run], of commit: Commit) -> [RunWork] {
    var index = 0
    return runs.map { run in
      while commit.outcomes[index] != .appended(run.position) { index += 1 }
      var event: [UInt8] = []
      EventStamp.append(
        commit.events.json(index),
        position: run.position,
        recorded: commit.recorded,
        to: &event
      )
      return RunWork(run: run, event: event)
    }
  }
}
