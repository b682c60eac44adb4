// SPDX-License-Identifier: Apache-2.0

public import DurableLog
public import EventModel
import PluginWire
import Synchronization

/// Leaving lanes alone whose attempts fail one after another; all of it on the dispatcher's queue.
extension Dispatcher {
  /// Notes how attempts have ended, and gives events that tell what has changed.
  func noteEndings(_ ended: [EndedStep]) -> EventBatch {
    var notices = EventBatch()
    for item in ended {
      let (step, ending) = (item.step, item.ending)
      let lane = step.run.lane
      let failure = ending.failure
      let change = breakers.withLock { breakers -> (Breaker.Change, Breaker)? in
        // Nearly always nothing has failed, and nothing is to be remembered.
        if failure == nil, breakers.isEmpty || breakers[lane] == nil { return nil }
        var breaker = breakers[lane] ?? Breaker()
        let change =
          failure.map { message in
            let settings = breakerSettings.withLock { $0[lane.listener] } ?? Breaker.Settings()
            return breaker.fail(message, at: surroundings.log.clock.now(), settings)
          } ?? breaker.succeed()
        breakers[lane] = breaker.isIdle ? nil : breaker
        return change.map { ($0, breaker) }
      }
      guard let (change, breaker) = change else { continue }
      note(change, breaker, of: lane, step, &notices)
    }
    return notices
  }

  private func note(
    _ change: Breaker.Change,
    _ breaker: Breaker,
    of lane: LaneName,
    _ step: CurrentStep,
    _ notices: inout EventBatch
  ) {
    switch change {
    case .opened(let until):
      lanes.withLock { $0.allow(0, in: lane) }
      alarm.withLock { $0 }?.set(until)
      surroundings.report("'\(lane.rule)' at '\(lane.listener)' is paused after \(breaker.failures) failures")
      let difference = surroundings.log.clock.reading().difference
      let since = (breaker.since ?? until) + difference
      tell(
        "earshot.rule.paused",
        lane,
        [
          .init("failures", .number("\(breaker.failures)")), .init("since", .string(since.rfc3339)),
          .init("until", .string((until + difference).rfc3339)),
          .init("evidence", .array(breaker.evidence.map { .string($0) })),
        ],
        step,
        &notices
      )
    case .closed:
      lanes.withLock { $0.allow(nil, in: lane) }
      tell("earshot.rule.resumed", lane, [], step, &notices)
    }
  }

  private func tell(
    _ type: String,
    _ lane: LaneName,
    _ members: [JSONValue.Member],
    _ step: CurrentStep,
    _ notices: inout EventBatch
  ) {
    let data: [JSONValue.Member] = [
      .init("rule", .string(lane.rule)), .init("listener", .string(lane.listener)),
    ]
    var notice = CloudEvent(type: type, subject: lane.rule, data: .object(data + members))
    notice.source = "earshot"
    var bytes: [UInt8] = []
    notice.json.appendJSON(to: &bytes)
    // At the hop limit the notice itself would prolong a loop; the host's log still tells of it.
    try? Emission.append(
      bytes,
      from: "rules/\(lane.rule)",
      cause: step.scannedEvent,
      clock: surroundings.clock,
      to: &notices
    )
  }

  /// Lets one attempt be made in each lane whose pause is over, and sets the alarm for the next one.
  func probeLanes() {
    let now = surroundings.log.clock.now()
    let (probed, next) = breakers.withLock { breakers -> ([LaneName], Timestamp?) in
      let probed = breakers.keys.filter { breakers[$0]?.probe(at: now) == true }
      let next = breakers.values.compactMap { if case .open(let until) = $0.phase { until } else { nil } }
        .min()
      return (probed, next)
    }
    alarm.withLock { $0 }?.set(next)
    guard !probed.isEmpty else { return }
    lanes.withLock { lanes in for lane in probed { lanes.allow(1, in: lane) } }
    goOn()
  }

  /// The lanes in which nothing is attempted for the time being, and until when, in civil time.
  public func pausedLanes() -> [(lane: LaneName, until: Timestamp)] {
    let difference = surroundings.log.clock.reading().difference
    return breakers.withLock { breakers in
      breakers.compactMap { lane, breaker in
        if case .open(let until) = breaker.phase { (lane, until + difference) } else { nil }
      }.sorted { ($0.lane.rule, $0.lane.listener) < ($1.lane.rule, $1.lane.listener) }
    }
  }
}

extension Dispatcher.Ending {
  /// What went wrong, if anything did.
  fileprivate var failure: String? {
    switch self {
    // What a rule fails with on purpose is no reason to leave it alone.
    case .reply(.ack), .passedOver, .hold, .awaits, .givenUp, .goOn, .takeBack, .branches: nil
    case .reply(.retry(let message, _)), .reply(.fail(let message)), .unknown(let message): message
    }
  }
}
