// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Rules
import Timing

/// Something that waits for its time or its turn.
struct PendingItem: Sendable {
  /// By what it is called: `w` and the number of a window, or `r` and that of a run.
  enum ID: Hashable, Sendable {
    case window(Int64)
    case run(RunID)

    init?(_ text: String) {
      guard let number = Int64(text.dropFirst()), number > 0 else { return nil }
      switch text.first {
      case "w": self = .window(number)
      case "r": self = .run(RunID(rawValue: number))
      default: return nil
      }
    }

    var text: String {
      switch self {
      case .window(let number): "w\(number)"
      case .run(let run): "r\(run.rawValue)"
      }
    }
  }

  let id: ID
  /// What waits: the kind of a window, `delayed`, `retry`, `wait`, `await`, `branches`, `queued` or `behind`.
  let kind: String
  let rule: String
  /// The key, as JSON; empty when there is none.
  let key: String
  /// When it goes on, in civil time; nil when it waits for others.
  let due: Timestamp?
  /// The events.
  let events: [LogPosition]
  /// What else there is to say.
  let note: String

  /// A window, due in civil time; nil for one that nobody knows any more.
  init?(_ window: StoredWindow, due: Timestamp) {
    guard let owner = WindowOwner(name: window.owner) else { return nil }
    id = .window(window.id)
    kind = owner.isDelay ? "delayed" : owner.kind.rawValue
    rule = owner.rule
    // The name of what is delayed ends in its position.
    key = String(decoding: owner.isDelay ? window.key.dropLast(9) : window.key[...], as: UTF8.self)
    self.due = due
    events = Set(WindowCoding.window(window.content)?.map(\.position) ?? []).sorted()
    note = ""
  }

  /// A run that waits; `due` in civil time, `asks` the key or question of what it awaits, as JSON.
  init(_ run: Run, due: Timestamp?, isAwaiting: Bool = false, asks: [UInt8]? = nil) {
    id = .run(run.id)
    rule = run.rule
    // What waits without a limit is due in a thousand years.
    self.due = due.flatMap { $0 < Timestamp(seconds: 30_000_000_000) ? $0 : nil }
    events = run.inputs.isEmpty ? [run.position] : run.inputs
    let name = (run.state == .behind ? run.turn : run.gate).flatMap(SuccessionName.init)
    key = String(decoding: name?.key ?? [], as: UTF8.self)
    switch run.state {
    case .waiting where isAwaiting:
      kind = "await"
      note = asks.map { String(decoding: $0, as: UTF8.self) } ?? ""
    case .waiting where run.join != nil:
      kind = "branches"
      note = run.join.map { $0.open == 1 ? "1 is under way" : "\($0.open) are under way" } ?? ""
    case .waiting:
      kind = run.failure == nil ? "wait" : "retry"
      note = run.failure.map { "after attempt \(run.attempts): \($0)" } ?? ""
    case .behind:
      kind = "behind"
      note = "for its turn at \(run.listener)"
    default:
      kind = "queued"
      note = "for the run before it"
    }
  }

  var json: JSONValue {
    var members: [JSONValue.Member] = [
      .init("id", .string(id.text)), .init("kind", .string(kind)), .init("rule", .string(rule)),
    ]
    if let value = try? JSONValue(json: Array(key.utf8)) { members.append(.init("key", value)) }
    if let due { members.append(.init("due", .string(due.rfc3339))) }
    members.append(.init("events", .array(events.map { .number($0.description) })))
    if !note.isEmpty { members.append(.init("note", .string(note))) }
    return .object(members)
  }
}
