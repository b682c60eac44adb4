// SPDX-License-Identifier: Apache-2.0

public import DurableLog
public import EventModel
public import PluginWire
import Expressions
public import Rules

/// What becomes of a run when an attempt has ended: to be committed as a whole.
public struct Settlement: Sendable {
  /// The change to the run.
  public let change: RunChange
  /// The events that come with it.
  public let events: EventBatch
  /// What has come to pass; nil when it is not worth remembering.
  var outcome: StepOutcome? = StepOutcome(.done)
  /// What the run waits for from now on.
  var awaiting: AwaitedEvent?
  /// The branches for which the run waits from now on.
  var fork: Fork?
}

/// How a step has ended, or an attempt of it, as the run's history tells it.
struct StepOutcome: Sendable {
  let kind: HistoryEntry.Kind
  /// What came of it, a JSON value.
  let result: [UInt8]?

  init(_ kind: HistoryEntry.Kind, _ result: [UInt8]? = nil) {
    self.kind = kind
    self.result = result
  }

  /// A failure with its reason.
  init(_ kind: HistoryEntry.Kind, reason: String) {
    self.init(kind, Array(JSONValue.string(reason).json.utf8))
  }
}

extension CurrentStep {
  /// What an attempt's end means for the run.
  ///
  /// A success whose events are not valid is a failure, and one that will not pass. A run that is given up says so in
  /// an event of its own, `earshot.delivery.dead`, which tells the step and the reason and names its cause. `clock` is that
  /// of events, `steady` that of what is due, `orders` says what listeners are given one after another, `isPassedOver` that
  /// nothing was done since the step's condition does not hold.
  ///
  /// When a run fails that has done what can be taken back, that is taken back, the last first; a run for which that is
  /// done says so in `earshot.run.compensated`, and one that gives it up in `earshot.run.stuck`.
  public func settlement(
    _ reply: RunReply,
    clock: any HostClock,
    steady: SteadyClock,
    orders: [String: Key] = [:],
    isPassedOver: Bool = false,
    random: inout some RandomNumberGenerator
  ) -> Settlement {
    switch reply {
    case .ack(let output, let emit): return success(output, emit, clock, orders, isPassedOver: isPassedOver)
    case .retry(let message, let after):
      let wish = after.map { Duration.milliseconds($0) }
      guard let pause = backoff.pause(after: run.attempts, wish: wish, using: &random) else {
        return failure(message, clock, orders)
      }
      return Settlement(
        change: .retry(run.id, due: steady.now() + pause, failure: message),
        events: EventBatch(),
        outcome: StepOutcome(.failed, reason: message)
      )
    case .fail(let message): return failure(message, clock, orders)
    }
  }

  /// What it means for the run that nobody knows how an attempt has ended.
  ///
  /// What may be repeated is; otherwise the rule says what then. A run that waits for a person says so in an event of its
  /// own, `earshot.delivery.uncertain`.
  public func settlement(
    unknown reason: String,
    clock: any HostClock,
    steady: SteadyClock,
    orders: [String: Key] = [:],
    random: inout some RandomNumberGenerator
  ) -> Settlement {
    guard step.effects == .irreversible, rule.onUncertain != .retry else {
      let reply = RunReply.retry(message: reason, after: nil)
      return settlement(reply, clock: clock, steady: steady, orders: orders, random: &random)
    }
    let reason = "it is not known whether '\(step.id)' was done: \(reason)"
    guard rule.onUncertain == .ask else { return failure(reason, clock, orders) }
    return Settlement(
      change: .doubt(run.id, failure: reason),
      events: notice("earshot.delivery.uncertain", reason, cause: scannedEvent, clock),
      outcome: StepOutcome(.uncertain, reason: reason)
    )
  }

  /// What it means for the run that its step waits for so long; `output` is that of the step.
  func settlement(holding pause: Duration, output: [UInt8], steady: SteadyClock) -> Settlement {
    let outputs = StepResults.adding(output, of: run.step, to: run.outputs)
    let due = steady.now() + pause
    return Settlement(
      change: .hold(run.id, due: due, outputs: outputs),
      events: EventBatch(),
      outcome: StepOutcome(.waiting, output)
    )
  }

  /// What it means for the run that its step waits for an event that has not come yet, up to a position.
  ///
  /// That a person is asked is told by an event, `earshot.run.asked`.
  func settlement(
    awaiting: Awaiting,
    from position: LogPosition,
    clock: any HostClock,
    steady: SteadyClock
  ) -> Settlement {
    let outputs = StepResults.adding(awaitingStep: run.step, to: run.outputs)
    // What waits without a limit is due after all that people plan for.
    let due = steady.now() + (awaiting.within ?? Self.lifetime)
    let question = awaiting.question.map { Array(JSONValue.string($0).json.utf8) }
    let key = awaiting.key.isEmpty ? nil : awaiting.key
    return Settlement(
      change: .hold(run.id, due: due, outputs: outputs),
      events: asked(awaiting, clock),
      outcome: StepOutcome(.waiting, question ?? key),
      awaiting: AwaitedEvent(site: awaiting.site, key: awaiting.key, from: position)
    )
  }

  private func asked(_ awaiting: Awaiting, _ clock: any HostClock) -> EventBatch {
    guard let question = awaiting.question else { return EventBatch() }
    var data: [JSONValue.Member] = [
      .init("run", .number("\(run.id.rawValue)")), .init("rule", .string(rule.id)),
      .init("step", .string(step.id)), .init("question", .string(question)),
    ]
    if let within = awaiting.within { data.append(.init("until", .string((clock.now() + within).rfc3339))) }
    return RunNotice.batch("earshot.run.asked", .object(data), from: rule.id, cause: scannedEvent, clock)
  }

  /// How long a step waits that has no limit: a thousand years.
  static let lifetime: Duration = .seconds(31_556_952_000)

  private var backoff: Backoff {
    guard let retry = step.retry else { return .standard }
    return Backoff(
      attempts: retry.attempts,
      initial: retry.initial,
      factor: retry.backoff,
      maximum: retry.maximum,
      jitter: retry.jitter
    )
  }

  private func success(
    _ output: [UInt8]?,
    _ emit: [[UInt8]],
    _ clock: any HostClock,
    _ orders: [String: Key],
    isPassedOver: Bool
  ) -> Settlement {
    var events = EventBatch()
    if !emit.isEmpty {
      let cause = scannedEvent
      for event in emit {
        do throws(EventError) {
          try Emission.append(event, from: "rules/\(rule.id)", cause: cause, clock: clock, to: &events)
        } catch {
          return failure("the event that the step emits is not valid: \(error.message)", clock, orders)
        }
      }
    }
    // A step that has waited by itself has an output already.
    let waited = isPassedOver ? StepResults.output(of: run.step, in: run.outputs) : nil
    let isPassed = isPassedOver && waited == nil
    let outcome = StepOutcome(isPassed ? .passed : .done, output ?? (step.awaited == nil ? nil : waited))
    var outputs = StepResults.adding(output, of: run.step, to: run.outputs)
    if let undone = step.compensates {
      outputs = StepResults.adding(undoneStep: undone, to: outputs)
      let (change, notices) = takingBack(outputs, clock, orders)
      events.append(notices)
      return Settlement(change: change, events: events, outcome: outcome)
    }
    // What branches have to take back is known when they have ended.
    if step.compensation != nil, !isPassedOver, step.fork == nil {
      outputs = StepResults.adding(doneStep: run.step, to: outputs)
    }
    return Settlement(
      change: goingOn(with: step.following, outputs, orders),
      events: events,
      outcome: outcome
    )
  }

  /// What it means for the run that it goes on with a step inside this one.
  func settlement(goingOnWith next: Int, orders: [String: Key]) -> Settlement {
    Settlement(change: goingOn(with: next, run.outputs, orders), events: EventBatch())
  }

  /// What becomes of the run when it goes on with a step, or there is none.
  func goingOn(with index: Int?, _ outputs: [UInt8]?, _ orders: [String: Key]) -> RunChange {
    guard let index else { return .finish(run.id, outputs: outputs) }
    let next = rule.steps[index].listener
    let owes = StepResults.nextUndone(in: outputs) != nil
    let turn = turn(at: next, orders)
    return .advance(run.id, to: NextStep(index, by: next, turn: turn, owes: owes), outputs: outputs)
  }

  func death(_ reason: String, _ clock: any HostClock) -> Settlement {
    Settlement(
      change: .die(run.id, failure: reason),
      // What becomes of a branch is told by the run that waits for it.
      events: run.branch == nil ? deathNotice(reason, cause: scannedEvent, clock) : EventBatch(),
      outcome: StepOutcome(.dead, reason: reason)
    )
  }

  /// The event that tells that the run was given up, and why.
  func deathNotice(_ reason: String, cause: JSONView, _ clock: any HostClock) -> EventBatch {
    notice("earshot.delivery.dead", reason, cause: cause, clock)
  }

  func notice(
    _ type: String,
    _ reason: String,
    cause: JSONView,
    _ clock: any HostClock
  ) -> EventBatch {
    RunNotice(run: run, step: step.id, reason: reason).batch(type, cause: cause, clock)
  }
}
