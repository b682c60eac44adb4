// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Rules

/// What becomes of a run whose step has failed for good.
extension CurrentStep {
  /// What it means for the run that its step has failed for good.
  func failure(_ reason: String, _ clock: any HostClock, _ orders: [String: Key]) -> Settlement {
    // What branches have done is not known here; if they have done nothing, nothing is taken back.
    let hasBranches = step.fork != nil && StepResults.fork(of: run.step, in: run.outputs) != nil
    let outputs = hasBranches ? StepResults.adding(doneStep: run.step, to: run.outputs) : run.outputs
    return failure(reason, outputs, clock, orders)
  }

  /// The same, with what has come of the run by now.
  func failure(
    _ reason: String,
    _ outputs: [UInt8]?,
    _ clock: any HostClock,
    _ orders: [String: Key]
  ) -> Settlement {
    let outcome = StepOutcome(.dead, reason: reason)
    if step.compensates != nil {
      let events = notice("earshot.run.stuck", reason, cause: scannedEvent, clock)
      return Settlement(change: .stick(run.id, failure: reason), events: events, outcome: outcome)
    }
    guard step.continuesOnError else {
      if step.isShadow { return shadowEnd(reason) }
      guard StepResults.nextUndone(in: outputs) != nil else { return death(reason, clock) }
      let outputs = StepResults.adding(failure: reason, to: outputs)
      let (change, notices) = takingBack(outputs, clock, orders)
      return Settlement(change: change, events: notices, outcome: outcome)
    }
    let outputs = StepResults.adding(error: reason, of: run.step, to: outputs)
    let change = goingOn(with: step.following, outputs, orders)
    return Settlement(change: change, events: EventBatch(), outcome: outcome)
  }

  /// The end of a run that has no effect: nobody has to decide about it, and nothing tells of it.
  private func shadowEnd(_ reason: String) -> Settlement {
    Settlement(
      change: .abort(run.id, failure: reason),
      events: EventBatch(),
      outcome: StepOutcome(.cancelled, reason: reason)
    )
  }

  /// What it means for the run that it is cancelled and has done what is to be taken back.
  func cancellation(
    _ outputs: [UInt8]?,
    _ clock: any HostClock,
    _ orders: [String: Key]
  ) -> Settlement {
    let reason = "it was cancelled"
    if step.isShadow { return shadowEnd(reason) }
    guard StepResults.nextUndone(in: outputs) != nil else {
      let outcome = StepOutcome(.cancelled)
      return Settlement(change: .abort(run.id, failure: reason), events: EventBatch(), outcome: outcome)
    }
    // That a branch takes back what it has done is told by the run that waits for it.
    let isUndone = StepResults.failure(in: outputs) != nil
    let (change, notices) = takingBack(StepResults.adding(failure: reason, to: outputs), clock, orders)
    return Settlement(change: change, events: notices, outcome: isUndone ? nil : StepOutcome(.cancelled))
  }

  /// What becomes of a run that has failed: the last step that is done and not taken back is, or there is none.
  func takingBack(
    _ outputs: [UInt8]?,
    _ clock: any HostClock,
    _ orders: [String: Key]
  ) -> (RunChange, EventBatch) {
    if let last = StepResults.nextUndone(in: outputs), let undo = rule.steps[last].compensation {
      return (goingOn(with: undo, outputs, orders), EventBatch())
    }
    let reason = StepResults.failure(in: outputs) ?? ""
    // What becomes of a branch is told by the run that waits for it.
    let notices =
      run.branch == nil
      ? notice("earshot.run.compensated", reason, cause: scannedEvent, clock) : EventBatch()
    return (.compensate(run.id, failure: reason, outputs: outputs), notices)
  }
}
