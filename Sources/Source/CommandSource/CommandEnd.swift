// SPDX-License-Identifier: Apache-2.0

import EventModel
import EventSources
import Processes

/// How one run ended.
struct CommandEnd: Sendable {
  let exit: ProcessExit
  let isTimedOut: Bool

  var isFailure: Bool { exit != .exited(0) }

  /// The batch with `command.exited`.
  func batch(duration: Duration, _ context: SourceContext) throws -> SourceBatch {
    var members: [JSONValue.Member]
    switch exit {
    case .exited(let status): members = [.init("status", .number("\(status)")), .init("signal", .null)]
    case .signalled(let number): members = [.init("status", .null), .init("signal", .number("\(number)"))]
    }
    members.append(.init("duration_ms", .number("\(Int64(duration / .milliseconds(1)))")))
    if isTimedOut { members.append(.init("timed_out", .bool(true))) }
    var intake = EventIntake(defaultSource: context.name, clock: context.clock)
    var events = EventBatch()
    try intake.append(CloudEvent(type: "command.exited", data: .object(members)), to: &events)
    return SourceBatch(events: events)
  }
}
