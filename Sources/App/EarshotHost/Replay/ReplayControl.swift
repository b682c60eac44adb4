// SPDX-License-Identifier: Apache-2.0

import Dispatching
import DurableLog
import EventModel
import Expressions
import Rules

/// Replays as people ask for them.
struct ReplayControl: Sendable {
  let log: any DurableLog
  let dispatcher: Dispatcher

  /// What a wish, a JSON object, would do.
  func plan(_ wish: JSONValue) async throws -> JSONValue {
    let choice = try choice(wish)
    let plan = try await refusing { try await dispatcher.plan(choice) }
    return [
      "from": .number(choice.first.description), "to": .number(choice.last.description),
      "events": .number("\(plan.events)"),
      "rules": .array(
        plan.rules.map { rule, events in
          [
            "rule": .string(rule.id), "events": .number("\(events)"),
            "actions": .array(rule.steps.compactMap(Self.deed)),
          ]
        }
      ),
    ]
  }

  /// What a step does that is noticed outside of its run.
  private static func deed(_ step: Step) -> JSONValue? {
    let (what, effects): (String, String)
    switch step.action {
    case .invoke(let plugin, let action, _): (what, effects) = ("\(plugin).\(action)", "\(step.effects)")
    case .emit(let event):
      let type = event.member("type")?.constantJSON.flatMap { try? JSONValue(json: $0) }?.string
      (what, effects) = ("emit \(type ?? "an event")", "")
    case .awaits(let awaited):
      guard awaited.question != nil else { return nil }
      (what, effects) = ("ask", "")
    case .fork(let fork):
      guard case .call(let rule, _) = fork.kind else { return nil }
      (what, effects) = ("call \(rule)", "")
    case .wait, .set, .fail, .choose, .undo: return nil
    }
    return [
      "step": .string(step.id), "does": .string(step.isShadow ? "shadow of \(what)" : what),
      "effects": .string(step.isShadow ? "none" : effects),
    ]
  }

  /// Begins what is wished.
  func begin(_ wish: JSONValue) async throws -> JSONValue {
    let choice = try choice(wish)
    let pace = try pace(wish)
    return try await refusing { try await dispatcher.replay(choice, pace: pace) }.publicJSON
  }

  /// The replays that are under way.
  func list() throws -> JSONValue { .array(try dispatcher.replays().map(\.publicJSON)) }

  /// Ends one.
  func cancel(_ id: String) async throws -> JSONValue {
    guard try await dispatcher.cancelReplay(id) else {
      throw LogQueries.Refusal(isMissing: true, description: "no replay '\(id)' is under way")
    }
    return ["replay": .string(id), "state": "cancelled"]
  }

  private func choice(_ wish: JSONValue) throws -> Replay.Choice {
    let newest = try log.lastPosition()
    guard let from = wish["from"]?.string else { throw Self.wrong("say from where on") }
    let first = try position(from)
    let last = try wish["to"]?.string.map { text in
      Int64(text) == nil ? LogPosition(rawValue: try position(text).rawValue - 1) : try position(text)
    }
    guard case .array(let rules)? = wish["rules"], !rules.isEmpty else { throw Self.wrong("name a rule") }
    var names: [String] = []
    for rule in rules.compactMap(\.string) where !names.contains(rule) { names.append(rule) }
    return Replay.Choice(
      from: first,
      through: min(last ?? newest, newest),
      type: wish["type"]?.string,
      where: wish["where"]?.string,
      to: names
    )
  }

  /// A position, or that of the first event that was recorded at an instant or later.
  private func position(_ text: String) throws -> LogPosition {
    if let number = Int64(text), number > 0 { return LogPosition(rawValue: number) }
    guard let instant = Timestamp(rfc3339: text) else {
      throw Self.wrong("'\(text)' is neither a position nor an instant such as 2026-01-31T07:00:00Z")
    }
    return try log.firstPosition(from: instant)
  }

  private func pace(_ wish: JSONValue) throws -> Double? {
    guard case .number(let text)? = wish["pace"] else { return nil }
    guard let pace = Double(text), pace > 0, pace.isFinite else { throw Self.wrong("'\(text)' is no pace") }
    return pace
  }

  private static func wrong(_ description: String) -> LogQueries.Refusal {
    LogQueries.Refusal(isMissing: false, description: description)
  }

  /// Says in words why a replay does not begin.
  private func refusing<Value>(_ body: () async throws -> Value) async throws -> Value {
    do { return try await body() } catch let refusal as Dispatcher.ReplayRefusal {
      switch refusal {
      case .unknownRule(let id, let known):
        let list = known.isEmpty ? "none reacts to events" : "there are \(known.joined(separator: ", "))"
        throw LogQueries.Refusal(isMissing: true, description: "no rule '\(id)' reacts to events; \(list)")
      case .condition(let message): throw Self.wrong("the condition is wrong: \(message)")
      case .type(let type): throw Self.wrong("'\(type)' is not an event type")
      }
    }
  }
}
