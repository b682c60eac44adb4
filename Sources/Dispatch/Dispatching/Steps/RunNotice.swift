// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel

/// What an event tells of a run that a person should know of.
struct RunNotice {
  let run: Run
  /// The id of the step; empty when it is not known.
  let step: String
  let reason: String

  private var data: JSONValue {
    [
      "run": .number(String(run.id.rawValue)), "rule": .string(run.rule), "step": .string(step),
      "attempts": .number(String(run.attempts)), "failure": .string(reason),
      "position": .number(String(run.position.rawValue)),
    ]
  }

  /// The event, of that type, as a consequence of the one to which the run reacts; nil for one that cannot be read.
  func batch(_ type: String, cause: JSONView?, _ clock: any HostClock) -> EventBatch {
    Self.batch(type, data, from: run.rule, cause: cause, clock)
  }

  /// An event of the host about a run of a rule.
  static func batch(
    _ type: String,
    _ data: JSONValue,
    from rule: String,
    cause: JSONView?,
    _ clock: any HostClock
  ) -> EventBatch {
    var notice = CloudEvent(type: type, data: data)
    notice.source = "earshot"
    var bytes: [UInt8] = []
    notice.json.appendJSON(to: &bytes)
    var events = EventBatch()
    // At the hop limit the notice itself would prolong the loop; the dead run remains and says why.
    try? Emission.append(bytes, from: "rules/\(rule)", cause: cause, clock: clock, to: &events)
    return events
  }
}
