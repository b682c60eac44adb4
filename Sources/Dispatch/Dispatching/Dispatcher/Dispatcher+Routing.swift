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
    table.withLock { table in
      let revision = table.rules.revision
      var runs: [NewRun] = []
      for index in outcomes.indices {
        guard case .appended = outcomes[index] else { continue }
        for place in table.rules(for: index, of: events) {
          runs.append(newRun(of: table.rules.rules[place], for: index, revision))
        }
      }
      return runs
    }
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
      var event: [UInt8] = []
      let json = commit.events.entries[index].json
      event.reserveCapacity(json.count + EventStamp.greatestLength)
      EventStamp.append(
        commit.events.bytes.span.extracting(json),
        position: run.position,
        recorded: commit.recorded,
        to: &event
      )
      return RunWork(run: run, event: event)
    }
  }
}
