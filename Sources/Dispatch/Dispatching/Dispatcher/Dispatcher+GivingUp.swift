// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Rules
import Synchronization

/// Giving up runs that cannot go on; all of it on the dispatcher's queue.
extension Dispatcher {
  /// How often something must look damaged before the run that needs it is given up: to SQLite, a disk that fails once can
  /// look like that.
  private static let readings = 3

  /// Begins an attempt that the log counts already once what it needs can be read; a run for which it never can is given up.
  ///
  /// `event` is the event to which the run reacts, if that could be read.
  func beginLater(_ run: Run, event: [UInt8]? = nil, after failure: LogFailure) {
    if isDamaged(run.id, failure) {
      return end(run, event, because: "what it needs cannot be read: \(failure)")
    }
    guard failure.mayPass else { return }
    surroundings.report("\(failure); what run \(run.id.rawValue) needs is not read")
    later { [self] in beginFromLog([run.id]) }
  }

  /// Counts that what a run needs looks damaged, and says whether that is to be believed.
  func isDamaged(_ run: RunID, _ failure: LogFailure) -> Bool {
    guard failure.code == .corrupt else { return false }
    return unreadable.withLock { unreadable in
      unreadable[run, default: 0] += 1
      guard unreadable[run, default: 0] >= Self.readings else { return false }
      unreadable[run] = nil
      return true
    }
  }

  /// Forgets that what a run needs looked damaged, since it could be read.
  func noteReadable(_ run: RunID) { unreadable.withLock { $0[run] = nil } }

  static func lostRule(_ run: Run) -> String {
    "the rule '\(run.rule)' of revision \(run.revision) cannot be used any more"
  }

  /// The end of a run that cannot go on, and the event that tells of it.
  func givingUp(_ run: Run, _ event: [UInt8]?, because reason: String) -> Settlement {
    let document = event.flatMap { try? JSONDocument($0) }
    let notice = RunNotice(run: run, step: "", reason: reason)
    return Settlement(
      change: .die(run.id, failure: reason),
      // What becomes of a branch is told by the run that waits for it.
      events: run.branch == nil
        ? notice.batch("earshot.delivery.dead", cause: document?.root, surroundings.clock) : EventBatch(),
      outcome: StepOutcome(.dead, reason: reason)
    )
  }

  func end(_ run: Run, _ event: [UInt8]?, because reason: String) {
    let settlement = givingUp(run, event, because: reason)
    var change = LogChange()
    change.append(settlement.change, settlement.events)
    surroundings.log.submit(change) { [self] result in
      queue.async { [self] in
        switch result {
        case .success(let receipt):
          surroundings.report("run \(run.id.rawValue) is dead: \(reason)")
          note(receipt)
          lanes.withLock { $0.putBack(run.lane) }
          goOn()
        case .failure(let failure):
          if !failure.isFatal { later { [self] in end(run, event, because: reason) } }
        }
      }
    }
  }
}
