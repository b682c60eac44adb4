// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel

/// What an event has led to, as a tree for programs.
///
/// An event has `runs`; a run has `steps`, `branches` and the events that it `emitted`. What names an event as its cause
/// and comes of no run that is known is in `followed`. Latencies are in milliseconds from the event that was reacted to.
struct CausationTree {
  private let walk: CausationWalk
  /// The id of the step at which a run is, if it can be had.
  private let stepID: @Sendable (Run) -> String?
  /// The places of the events that name an event as their cause, by its place.
  private let effects: [Int: [Int]]

  init(_ walk: CausationWalk, stepID: @escaping @Sendable (Run) -> String?) {
    self.walk = walk
    self.stepID = stepID
    effects = walk.events.indices.reduce(into: [:]) { effects, place in
      if let cause = walk.events[place].cause { effects[cause, default: []].append(place) }
    }
  }

  /// The tree from the first event on.
  var json: JSONValue { walk.events.isEmpty ? .null : json(0) }

  private func json(_ place: Int) -> JSONValue {
    let event = walk.events[place]
    var members = Self.members(
      position: event.position,
      recorded: event.recorded,
      id: event.id,
      type: event.type,
      source: event.source
    )
    if let cause = event.cause {
      members.append(.init("latency_ms", Self.milliseconds(event.recorded - walk.events[cause].recorded)))
    }
    let runs = event.reactions.map { json($0, of: place) }
    if !runs.isEmpty { members.append(.init("runs", .array(runs))) }
    let others = effects[place, default: []].filter { walk.events[$0].emitter == nil }
    if !others.isEmpty { members.append(.init("followed", .array(others.map(json)))) }
    return .object(members)
  }

  private func json(_ reaction: CausationWalk.Reaction, of place: Int) -> JSONValue {
    guard case .object(var members) = Self.json(reaction.run, since: walk.events[place].recorded, stepID)
    else {
      preconditionFailure("a run is an object")
    }
    let steps = reaction.steps.map { entry -> JSONValue in
      [
        "step": .string(entry.step), "outcome": .string("\(entry.kind)"),
        "attempt": .number("\(entry.attempt)"), "latency_ms": Self.milliseconds(entry.ended - entry.began),
      ]
    }
    if !steps.isEmpty { members.append(.init("steps", .array(steps))) }
    let branches = reaction.branches.map { json($0, of: place) }
    if !branches.isEmpty { members.append(.init("branches", .array(branches))) }
    let emitted = effects[place, default: []].filter { walk.events[$0].emitter == reaction.run.id }
    if !emitted.isEmpty { members.append(.init("emitted", .array(emitted.map(json)))) }
    return .object(members)
  }

  /// What there is to say of an event in short.
  static func members(
    position: LogPosition,
    recorded: Timestamp,
    id: String,
    type: String,
    source: String
  ) -> [JSONValue.Member] {
    [
      .init("position", .number(position.description)), .init("type", .string(type)),
      .init("source", .string(source)), .init("id", .string(id)),
      .init("recordedtime", .string(recorded.rfc3339)),
    ]
  }

  /// What there is to say of a run in short; how long it took, once it has ended.
  static func json(_ run: Run, since began: Timestamp, _ stepID: (Run) -> String?) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("run", .number("\(run.id.rawValue)")), .init("rule", .string(run.rule)),
      .init("state", .string(run.state.name)), .init("attempts", .number("\(run.attempts)")),
    ]
    if run.state.isOpen {
      members.append(.init("step", stepID(run).map { .string($0) } ?? .number("\(run.step)")))
    } else {
      members.append(.init("latency_ms", milliseconds(run.updated - began)))
    }
    if let failure = run.failure { members.append(.init("failure", .string(failure))) }
    return .object(members)
  }

  private static func milliseconds(_ time: Duration) -> JSONValue {
    let value = max(0, (time / .milliseconds(1) * 10).rounded() / 10)
    return .number(value == value.rounded() ? "\(Int64(value))" : "\(value)")
  }
}
