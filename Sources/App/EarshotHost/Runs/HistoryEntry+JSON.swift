// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel

extension HistoryEntry {
  /// The entry as programs read it; `result` is an output, `failure` a reason.
  var json: JSONValue {
    var members: [JSONValue.Member] = [
      .init("step", .string(step)), .init("kind", .string("\(kind)")),
      .init("attempt", .number("\(attempt)")), .init("began", .string(began.rfc3339)),
      .init("ended", .string(ended.rfc3339)),
    ]
    if let value = input.flatMap({ try? JSONValue(json: $0) }) { members.append(.init("input", value)) }
    if let value = result.flatMap({ try? JSONValue(json: $0) }) {
      members.append(.init(kind.isFailure ? "failure" : "result", value))
    }
    return .object(members)
  }
}

extension HistoryEntry.Kind {
  /// Whether the result says why something failed.
  var isFailure: Bool {
    switch self {
    case .failed, .interrupted, .dead, .uncertain: true
    case .done, .passed, .waiting, .cancelled, .retried, .dropped: false
    }
  }
}
