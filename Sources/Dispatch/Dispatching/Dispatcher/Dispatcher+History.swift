// SPDX-License-Identifier: Apache-2.0

public import DurableLog
import EventModel
import Expressions
import Rules

/// What the log is to remember of runs of several steps.
extension Dispatcher {
  /// A step that is under way.
  struct OpenStep: Sendable {
    let step: CurrentStep
    /// What it was given, a JSON value; kept for its history alone.
    var input: [UInt8]?
  }

  /// A step that has ended, or an attempt of it.
  struct EndedStep: Sendable {
    let step: CurrentStep
    var input: [UInt8]?
    let ending: Ending

    init(_ step: CurrentStep, _ ending: Ending, input: [UInt8]? = nil) {
      self.step = step
      self.input = input
      self.ending = ending
    }
  }

  /// How long an input or result may be that is remembered, in bytes: whoever looks at a run wants to see it, not to use it.
  private static let memory = 64 << 10

  /// The input of a step as it may be remembered; nil if its run has no history.
  func remembered(_ input: [UInt8], of step: CurrentStep) -> [UInt8]? {
    guard step.hasHistory else { return nil }
    return Self.bounded(surroundings.scope.redaction.redacted(input))
  }

  /// What is remembered of how a step ended; nil if its run has no history.
  func entry(of step: CurrentStep, _ outcome: StepOutcome?, input: [UInt8]?) -> HistoryEntry? {
    guard step.hasHistory, let outcome else { return nil }
    return HistoryEntry(
      outcome.kind,
      step: step.step.id,
      attempt: step.run.attempts,
      began: step.run.updated,
      ended: surroundings.clock.now(),
      input: input,
      result: outcome.result.map(Self.bounded)
    )
  }

  /// What is remembered of what a person did with a run.
  func entry(_ kind: HistoryEntry.Kind, of run: Run) -> HistoryEntry {
    let now = surroundings.clock.now()
    return HistoryEntry(kind, step: stepID(of: run) ?? "", attempt: run.attempts, began: now, ended: now)
  }

  /// The id of the step at which a run is; nil when its rule is not to be had any more.
  public func stepID(of run: Run) -> String? {
    let rule = (try? shelf.rule(of: run.names)) ?? nil
    return rule.flatMap { $0.steps.indices.contains(run.step) ? $0.steps[run.step].id : nil }
  }

  private static func bounded(_ value: [UInt8]) -> [UInt8] {
    value.count <= memory ? value : Array(JSONValue.string("\(value.count) bytes").json.utf8)
  }
}

extension CurrentStep {
  /// Whether what comes to pass in the run is remembered.
  fileprivate var hasHistory: Bool { rule.hasHistory || run.branch != nil }
}
