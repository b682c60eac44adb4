// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Rules
import Synchronization

/// Reading what attempts need from the log; all of it on the dispatcher's queue.
///
/// What cannot be read now is read later: runs are not given up for it, unless what they need is damaged.
extension Dispatcher {
  /// Reads on in the log for the lanes whose windows run low.
  func refill() {
    for (lane, after) in lanes.withLock({ $0.beginRefills() }) {
      do throws(LogFailure) {
        let found = try surroundings.log.pendingWork(of: lane, after: after, limit: Lane.windowLimit)
        let added = lanes.withLock {
          $0.refill(lane, found.work.map(\.run.id), readTo: found.isAll ? nil : found.work.last?.run.id)
        }
        waiting.withLock { waiting in
          for work in found.work where added.contains(work.run.id) { waiting.keep(work) }
        }
      } catch {
        surroundings.report("\(error); waiting runs of '\(lane.rule)' are not read")
        if error.mayPass { later { [self] in goOn() } }
      }
    }
  }

  /// The step of a run; nil when its rule is not to be had any more.
  func step(of work: RunWork) throws(LogFailure) -> CurrentStep? {
    guard let rule = try shelf.rule(of: work.run.names),
      rule.steps.indices.contains(work.run.step)
    else { return nil }
    var events: [[UInt8]] = []
    if !work.run.inputs.isEmpty, rule.steps[work.run.step].readsEvents {
      events = try surroundings.log.events(at: work.run.inputs)
    }
    return CurrentStep(run: work.run, rule: rule, event: work.event, events: events)
  }

  /// Lets runs wait again that did not begin but may by now.
  ///
  /// Whoever noted meanwhile that such a run waits has found it claimed.
  func lookAgain(at runs: [RunID]) {
    waiting.withLock { waiting in for run in runs { _ = waiting.take(run) } }
    do throws(LogFailure) {
      for work in try surroundings.log.work(of: runs) where work.run.state == .pending {
        guard lanes.withLock({ $0.add(work.run.id, to: work.run.lane) }) else { continue }
        waiting.withLock { $0.keep(work) }
      }
    } catch {
      surroundings.report("\(error); \(runs.count) waiting runs are not read")
      if error.mayPass { later { [self] in lookAgain(at: runs) } }
    }
  }

  /// Begins attempts of runs of which nothing is known here, and that the log counts already.
  func beginFromLog(_ runs: [RunID]) {
    guard !runs.isEmpty else { return }
    do throws(LogFailure) {
      begin(try surroundings.log.work(of: runs))
    } catch  where error.code == .corrupt && runs.count > 1 {
      // The others may be readable.
      for run in runs { beginFromLog([run]) }
    } catch  where error.mayPass && !isDamaged(runs[0], error) {
      surroundings.report("\(error); \(runs.count) runs are not read")
      later { [self] in beginFromLog(runs) }
    } catch {
      surroundings.report("\(error); run \(runs[0].rawValue) is tried again when the host starts anew")
    }
  }
}
