// SPDX-License-Identifier: Apache-2.0

import Dispatching
import DurableLog
import EventModel

/// What a person may do with runs.
struct RunControl: Sendable {
  enum Verb: String {
    /// Ends an open run; what it has done is taken back.
    case cancel
    /// Has a dead, stuck or uncertain run try its step again, or a waiting one do so at once.
    case retry
    /// Gives a dead, stuck or uncertain run up.
    case drop
    /// Takes the step of an uncertain run for done.
    case confirm
    /// Has a run that ended without success go on from some step.
    case resume
    /// Says yes to what a run asks.
    case approve
    /// Says no to it.
    case reject
  }

  /// What belongs to some of the verbs.
  struct Details {
    var step: String?
    var comment: String?
  }

  let log: any DurableLog
  let dispatcher: Dispatcher

  /// Does something with a run, and gives the run as it is then.
  func change(_ id: RunID, _ verb: Verb, _ details: Details) async throws -> JSONValue {
    guard let run = try log.run(id) else {
      throw LogQueries.Refusal(isMissing: true, description: "there is no run '\(id.rawValue)'")
    }
    guard try await change(run, verb, details), let changed = try log.run(id) else {
      let state = (try log.run(id) ?? run).state.name
      throw Self.refusal("run \(id.rawValue) is \(state), which does not allow that")
    }
    return changed.json
  }

  private func change(_ run: Run, _ verb: Verb, _ details: Details) async throws -> Bool {
    switch verb {
    case .cancel: try await dispatcher.cancel([run]) == [true]
    case .retry where run.state == .waiting: try await dispatcher.wake([run]) == [true]
    case .retry: try await dispatcher.revive([run]) == [true]
    case .drop: try await dispatcher.drop([run]) == [true]
    case .confirm: try await dispatcher.confirm([run]) == [true]
    case .resume: try await resume(run, from: details.step)
    case .approve, .reject: try await answer(run, isApproved: verb == .approve, details.comment)
    }
  }

  /// Answers what a run asks, or one of its branches.
  private func answer(_ run: Run, isApproved: Bool, _ comment: String?) async throws -> Bool {
    let asking = try dispatcher.asking(run)
    guard let one = asking.first else { throw Self.refusal("run \(run.id.rawValue) asks nobody anything") }
    guard asking.count == 1 else {
      let numbers = asking.map { "\($0.id.rawValue)" }.joined(separator: ", ")
      throw Self.refusal("several branches of run \(run.id.rawValue) ask something: answer one of \(numbers)")
    }
    return try await dispatcher.answer(one, isApproved: isApproved, comment: comment)
  }

  private func resume(_ run: Run, from step: String?) async throws -> Bool {
    guard let step else { throw Self.refusal("say from which step the run is to go on") }
    do {
      return try await dispatcher.resume(run, from: step)
    } catch let refusal as Dispatcher.ResumeRefusal {
      throw Self.refusal(Self.reason(refusal, run, step))
    }
  }

  private static func reason(_ refusal: Dispatcher.ResumeRefusal, _ run: Run, _ step: String) -> String {
    switch refusal {
    case .branch(let parent):
      "run \(run.id.rawValue) is a branch of run \(parent.rawValue): lead that one"
    case .lostRule: "the rule '\(run.rule)' of revision \(run.revision) cannot be used any more"
    case .undone(let earlier): "the step '\(earlier)' before '\(step)' has been taken back: go on from there"
    case .unknownStep(let steps):
      "the rule '\(run.rule)' has no step '\(step)': its steps are \(steps.joined(separator: ", "))"
    }
  }

  private static func refusal(_ reason: String) -> LogQueries.Refusal {
    LogQueries.Refusal(isMissing: false, description: reason)
  }
}
