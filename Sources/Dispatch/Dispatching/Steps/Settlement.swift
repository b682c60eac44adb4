// SPDX-License-Identifier: Apache-2.0

public import DurableLog
public import EventModel
public import PluginWire
import Rules

/// What becomes of a run when an attempt has ended: to be committed as a whole.
public struct Settlement: Sendable {
  /// The change to the run.
  public let change: RunChange
  /// The events that come with it.
  public let events: EventBatch
}

extension CurrentStep {
  /// What an attempt's end means for the run.
  ///
  /// A success whose events are not valid is a failure, and one that will not pass. A run that is given up says so in
  /// an event of its own, `earshot.delivery.dead`, which tells the step and the reason and names its cause.
  public func settlement(
    _ reply: RunReply,
    clock: any HostClock,
    random: inout some RandomNumberGenerator
  ) -> Settlement {
    switch reply {
    case .ack(let output, let emit): return success(output, emit, clock)
    case .retry(let message, let after):
      let wish = after.map { Duration.milliseconds($0) }
      guard let pause = backoff.pause(after: run.attempts, wish: wish, using: &random) else {
        return death(message, clock)
      }
      return Settlement(
        change: .retry(run.id, due: clock.now() + pause, failure: message),
        events: EventBatch()
      )
    case .fail(let message): return death(message, clock)
    }
  }

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

  private func success(_ output: [UInt8]?, _ emit: [[UInt8]], _ clock: any HostClock) -> Settlement {
    var events = EventBatch()
    if !emit.isEmpty {
      let cause = scannedEvent
      for event in emit {
        do throws(EventError) {
          try Emission.append(event, from: rule.id, cause: cause, clock: clock, to: &events)
        } catch {
          return death("the event that the step emits is not valid: \(error.message)", clock)
        }
      }
    }
    let outputs = outputs(adding: output)
    let change: RunChange =
      isLast
      ? .finish(run.id, outputs: outputs)
      : .advance(run.id, outputs: outputs, listener: rule.steps[run.step + 1].listener)
    return Settlement(change: change, events: events)
  }

  private func death(_ reason: String, _ clock: any HostClock) -> Settlement {
    var notice = CloudEvent(
      type: "earshot.delivery.dead",
      data: [
        "run": .number(String(run.id.rawValue)), "rule": .string(rule.id), "step": .string(step.id),
        "attempts": .number(String(run.attempts)), "failure": .string(reason),
        "position": .number(String(run.position.rawValue)),
      ]
    )
    notice.source = "earshot"
    var bytes: [UInt8] = []
    notice.json.appendJSON(to: &bytes)
    var events = EventBatch()
    // At the hop limit the notice itself would prolong the loop; the dead run remains and says why.
    try? Emission.append(bytes, from: rule.id, cause: scannedEvent, clock: clock, to: &events)
    return Settlement(change: .die(run.id, failure: reason), events: events)
  }
}
