// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import PluginWire
import Rules
import Synchronization

/// Runs that have branches; on the queue.
extension Dispatcher {
  /// How many branches are read at a time.
  private static let pageOfBranches = 500

  /// How a step ends for now that has branches; nil when that cannot be said yet.
  func lead(_ work: BranchWork, of step: CurrentStep) -> EndedStep? {
    do throws(LogFailure) {
      return EndedStep(step, try ending(of: work, step))
    } catch {
      beginLater(step.run, event: step.event, after: error)
      return nil
    }
  }

  private func ending(of work: BranchWork, _ step: CurrentStep) throws(LogFailure) -> Ending {
    switch work {
    case .make(let making):
      guard let rule = try rule(making.rule, for: step) else {
        return .givenUp("the rule '\(making.rule)' cannot be used any more")
      }
      return .branches(.made(making, of: rule))
    case .join(let fork): return .branches(.joined(try ends(of: fork, step)))
    case .again(let fork):
      let ends = try ends(of: fork, step)
      let orders = orders.withLock { $0 }
      var changes: [RunChange] = []
      for end in ends {
        guard let rule = try shelf.rule(of: end.run.names) else { continue }
        if let change = step.another(end.run, rule, orders) { changes.append(change) }
      }
      let needed = step.step.fork?.waitFor.needed(of: ends.count) ?? ends.count
      return .branches(.goingOn(fork: fork, changes, needed: needed - ends.count(where: \.isDone)))
    case .undo(let fork):
      let owing = try ends(of: fork, step).filter(\.owes)
      guard !owing.isEmpty else { return .reply(.ack(output: nil, emit: [])) }
      return .branches(.goingOn(fork: fork, owing.map { step.undoing($0) }, needed: nil))
    }
  }

  /// The branches of a fork.
  private func ends(of fork: Int, _ step: CurrentStep) throws(LogFailure) -> [BranchEnd] {
    var ends: [BranchEnd] = []
    var place = -1
    while true {
      let page = try surroundings.log.branches(
        of: step.run.id,
        fork: fork,
        after: place,
        limit: Self.pageOfBranches
      )
      for run in page {
        guard let rule = try shelf.rule(of: run.names) else { continue }
        ends.append(step.end(of: run, rule))
      }
      guard page.count == Self.pageOfBranches, let last = page.last?.branch else { return ends }
      place = last.place
    }
  }

  /// A rule that a step speaks of, in the revision of its run.
  private func rule(_ id: String, for step: CurrentStep) throws(LogFailure) -> Rule? {
    if id == step.rule.id { return step.rule }
    return try shelf.rule(of: RunNames(rule: id, revision: step.run.revision, listener: Step.ownListener))
  }
}
