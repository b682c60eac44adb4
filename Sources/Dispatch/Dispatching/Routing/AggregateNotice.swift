// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Expressions
import Rules

/// An event of which it cannot be said to which thing of an aggregate it belongs.
struct AggregateNotice {
  /// The type of the event that tells of it.
  static let type = "earshot.aggregate.failed"

  let failure: AggregateFailure
  let position: LogPosition

  /// The event that tells of the failure, a JSON object.
  var event: [UInt8] {
    let place = failure.part.place
    var notice = CloudEvent(
      type: Self.type,
      subject: failure.aggregate,
      data: [
        "aggregate": .string(failure.aggregate), "expression": .string(failure.part.expression.text),
        "code": .string(failure.error.code.rawValue), "message": .string(failure.error.message),
        "file": .string(place.file), "line": .number("\(place.line)"), "column": .number("\(place.column)"),
        "position": .number(position.description),
      ]
    )
    notice.source = "earshot"
    var bytes: [UInt8] = []
    notice.json.appendJSON(to: &bytes)
    return bytes
  }
}
