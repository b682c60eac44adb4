// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Rules

/// How far a new rule has worked through the events that were there before it.
///
/// Kept as a window that is never due, also when it is done: a rule that has begun once is not new any more.
struct RuleBeginning: Equatable {
  /// The next event that the rule has to look at; nil when it has looked at all and goes on with what comes.
  var next: LogPosition?

  /// When the windows of a rule are due that has not caught up yet: when it has.
  static let never = Timestamp(microseconds: .max >> 1)

  /// The name of the owner of that window.
  static func owner(of rule: String) -> String { rule + "/start" }

  /// The rule of an owner; nil when it owns something else.
  static func rule(of owner: String) -> String? {
    owner.hasSuffix("/start") ? String(owner.dropLast(6)) : nil
  }

  init(next: LogPosition?) { self.next = next }

  /// Reads the content of the window.
  init(_ content: [UInt8]) throws {
    guard let value = try? JSONValue(json: content), case .number(let text)? = value["next"],
      let number = Int64(text)
    else { throw LogFailure(.corrupt, "it cannot be read how far a new rule has come") }
    next = number == 0 ? nil : LogPosition(rawValue: number)
  }

  /// The content of the window.
  var content: [UInt8] {
    let value: JSONValue = ["next": .number("\(next?.rawValue ?? 0)")]
    return Array(value.json.utf8)
  }

  /// The wish that the rule begins here, unless it has begun before.
  func wish(for rule: String) -> WindowWish { wish(ofOwner: Self.owner(of: rule)) }

  /// The wish that what owns the window begins here, unless it has begun before.
  func wish(ofOwner owner: String) -> WindowWish {
    .open(owner: owner, key: [], due: Self.never, content: content, oldest: next)
  }
}

extension RuleStart {
  /// The first event that a new rule reacts to; nil for none of those that the log holds.
  func firstPosition(in log: any DurableLog) throws -> LogPosition? {
    switch self {
    case .now: nil
    case .beginning: LogPosition(rawValue: 1)
    case .time(let instant): try log.firstPosition(from: instant)
    case .last(let duration):
      try log.firstPosition(from: log.clock.reading().civil + (.zero - duration))
    }
  }
}
