// SPDX-License-Identifier: Apache-2.0

import Aggregates
import DurableLog
import EventModel
import Foundation
import PluginWire
import Rules

/// What people and programs ask of aggregates, answered as JSON.
struct AggregateQueries: Sendable {
  let log: any LogReading
  let aggregates: [Aggregate]
  let reader: StateReader
  /// What makes the states of aggregates in plugins; nil without a host, which alone runs plugins.
  let plugins: PluginStates?
  /// How far the streams of an aggregate have come; nil when they have all events.
  let progress: @Sendable (Aggregate) throws -> LogPosition?

  /// All aggregates: what they are, and what can be asked of them.
  func list() throws -> JSONValue {
    .array(try aggregates.map(summary))
  }

  private func summary(_ aggregate: Aggregate) throws -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("aggregate", .string(aggregate.id)), .init("description", .string(aggregate.description)),
      .init("events", .array(aggregate.types.map { .string($0) })),
      .init(
        "commands",
        .object(aggregate.commands.map { .init($0.name, $0.parameters.json) })
      ),
    ]
    if let plugin = aggregate.plugin { members.append(.init("uses", .string("\(plugin)"))) }
    if let position = try progress(aggregate) {
      members.append(.init("looking_through", .number("\(position)")))
    }
    return .object(members)
  }

  /// The things of an aggregate with their states, in the order of their keys.
  func things(of name: String, after key: String?, limit: Int) async throws -> JSONValue {
    let aggregate = try find(name)
    let streams = try log.streams(of: aggregate.streamOwner, after: key.map { Array($0.utf8) }, limit: limit)
    var things: [JSONValue] = []
    for found in streams {
      let key = String(decoding: found.stream.key, as: UTF8.self)
      things.append(json(aggregate, key, try await state(of: key, aggregate, at: .now)))
    }
    return .array(things)
  }

  /// The state of a thing at some moment; with its events, if asked so.
  func thing(_ key: String, of name: String, at moment: StateReader.Moment, history: Bool, limit: Int)
    async throws -> JSONValue
  {
    let aggregate = try find(name)
    let state = try await state(of: key, aggregate, at: moment)
    guard try state.version > 0 || log.version(of: StateReader.stream(of: key, aggregate)) > 0 else {
      throw LogQueries.Refusal(isMissing: true, description: "there is no \(aggregate.subject(of: key))")
    }
    guard case .object(let members) = json(aggregate, key, state) else { return .null }
    guard history else { return .object(members) }
    let events = try await self.history(of: key, aggregate, upTo: state.version, limit: limit)
    return .object(members + [.init("history", .array(events))])
  }

  /// The last events of a thing, each with the state after it.
  private func history(of key: String, _ aggregate: Aggregate, upTo version: Int64, limit: Int) async throws
    -> [JSONValue]
  {
    let first = max(0, version - Int64(limit))
    var state = try await state(of: key, aggregate, at: .version(first))
    let page = try log.events(
      of: StateReader.stream(of: key, aggregate),
      after: first,
      limit: Int(version - first)
    )
    var entries: [JSONValue] = []
    for index in page.entries.indices {
      state = try await self.state(state, after: page, index, of: key, aggregate)
      var event: [UInt8] = []
      page.appendStamped(index, to: &event)
      entries.append([
        "version": .number("\(state.version)"), "event": (try? JSONValue(json: event)) ?? .null,
        "state": state.value,
      ])
    }
    return entries
  }

  private func state(of key: String, _ aggregate: Aggregate, at moment: StateReader.Moment) async throws
    -> AggregateState
  {
    guard let plugin = aggregate.plugin else { return try reader.state(of: key, aggregate, at: moment) }
    return try await plugins(for: plugin, aggregate).state(of: key, aggregate, at: moment)
  }

  private func state(
    _ state: AggregateState,
    after page: EventPage,
    _ index: Int,
    of key: String,
    _ aggregate: Aggregate
  ) async throws -> AggregateState {
    guard let plugin = aggregate.plugin else {
      return try reader.state(state, after: page, index, aggregate)
    }
    return try await plugins(for: plugin, aggregate).state(state, after: page, index, of: key, aggregate)
  }

  private func plugins(for plugin: PluginAggregate, _ aggregate: Aggregate) throws -> PluginStates {
    if let plugins { return plugins }
    throw HostFailure(
      "the states of '\(aggregate.id)' are made by the plugin '\(plugin.plugin)', which only a host runs: start one with `earshot run`",
      status: 69
    )
  }

  private func json(_ aggregate: Aggregate, _ key: String, _ state: AggregateState) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("aggregate", .string(aggregate.id)), .init("key", .string(key)),
      .init("version", .number("\(state.version)")), .init("state", state.value),
    ]
    if let position = state.position { members.append(.init("position", .number("\(position)"))) }
    return .object(members)
  }

  private func find(_ name: String) throws -> Aggregate {
    guard let aggregate = aggregates.first(where: { $0.id == name }) else {
      let known = aggregates.map(\.id).joined(separator: ", ")
      let help = known.isEmpty ? "the rules define none" : "there are \(known)"
      throw LogQueries.Refusal(isMissing: true, description: "there is no aggregate '\(name)'; \(help)")
    }
    if let position = try progress(aggregate) {
      throw LogQueries.Refusal(
        isMissing: false,
        description: "the events of '\(name)' are still being looked through, now at position \(position)"
      )
    }
    return aggregate
  }
}

extension AggregateQueries {
  /// Answers a question such as `aggregates`, `aggregates/account` or `aggregates/account/42`; nil for another one.
  func answer(_ path: [String], _ query: [String: String]) async throws -> JSONValue? {
    guard path.first == "aggregates" else { return nil }
    let limit = query["limit"].flatMap { Int($0) } ?? LogQueries.standardLimit
    let most = max(1, min(limit, LogQueries.greatestLimit))
    switch path.count {
    case 1: return try list()
    case 2: return try await things(of: path[1], after: query["after"], limit: most)
    case 3:
      let key = path[2].removingPercentEncoding ?? path[2]
      let moment = try moment(query)
      return try await thing(key, of: path[1], at: moment, history: query["history"] == "true", limit: most)
    default: return nil
    }
  }

  private func moment(_ query: [String: String]) throws -> StateReader.Moment {
    if let text = query["version"] {
      guard let version = Int64(text), version >= 0 else {
        throw LogQueries.Refusal(isMissing: false, description: "'\(text)' is no version")
      }
      return .version(version)
    }
    guard let text = query["at"] else { return .now }
    return .position(try PastPosition.position(text, in: log))
  }
}

/// A moment of the past as people write it.
enum PastPosition {
  /// The position of the last event that was recorded at a moment: a position, or an instant (RFC 3339).
  static func position(_ text: String, in log: any LogReading) throws -> LogPosition {
    if let number = Int64(text), number >= 0 { return LogPosition(rawValue: number) }
    guard let instant = Timestamp(rfc3339: text) else {
      let help = "write a position such as 1200, or an instant such as 2026-01-31T07:00:00Z"
      throw LogQueries.Refusal(isMissing: false, description: "'\(text)' is no moment: \(help)")
    }
    let next = try log.firstPosition(from: instant + .microseconds(1))
    return LogPosition(rawValue: next.rawValue - 1)
  }
}
