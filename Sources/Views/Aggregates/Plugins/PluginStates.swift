// SPDX-License-Identifier: Apache-2.0

public import DurableLog
import EventModel
import PluginWire
public import Rules
import Synchronization

/// The states of things that plugins make, now and in the past.
///
/// The events behind the last known state go to the plugin, a bounded part of them at a time, and the answer is the state
/// after them. Only states of committed events are kept, in memory: those used last. Safe to use from any thread.
public final class PluginStates: Sendable {
  /// How long a state may be, as JSON, and about how many bytes of events one question holds: together with an event of the
  /// greatest length they fit a line.
  static let greatest = 1 << 20
  private static let capacity = 1024

  private struct Known {
    let aggregate: Aggregate
    let state: AggregateState
  }

  private let log: any LogReading
  private let plugins: any AggregatePlugins
  private let cache = Mutex(StateCache<Known>(capacity: PluginStates.capacity))

  /// Makes states of a log's events.
  public init(_ log: any LogReading, plugins: any AggregatePlugins) {
    self.log = log
    self.plugins = plugins
  }

  /// Forgets what is kept, since a plugin may have become another one.
  public func forget() { cache.withLock { $0.removeAll() } }

  /// The state of a thing.
  ///
  /// - Throws: `LogFailure`; `CommandFailure` when the plugin does not answer.
  public func state(of key: String, _ aggregate: Aggregate, at moment: StateReader.Moment = .now) async throws
    -> AggregateState
  {
    try await state(of: key, aggregate, at: moment, then: nil).state
  }

  /// The state after one event of a page, from the state before it.
  public func state(
    _ state: AggregateState,
    after page: EventPage,
    _ index: Int,
    of key: String,
    _ aggregate: Aggregate
  ) async throws -> AggregateState {
    try await ask(state, page, [index], nil, of: key, aggregate).state
  }

  /// The state of a thing and what is decided on a command by it.
  func decide(_ command: AggregateQuestion.Command, on key: String, of aggregate: Aggregate) async throws
    -> (state: AggregateState, verdict: Aggregate.Verdict)
  {
    let (state, verdict) = try await state(of: key, aggregate, at: .now, then: command)
    switch verdict {
    case .accepted(let events): return (state, .accepted(events.map { aggregate.addressed($0, to: key) }))
    case .refused(let message): return (state, .refused(message))
    case nil: throw CommandFailure(.failed, "the plugin of '\(aggregate.id)' has decided nothing")
    }
  }

  private func state(
    of key: String,
    _ aggregate: Aggregate,
    at moment: StateReader.Moment,
    then command: AggregateQuestion.Command?
  ) async throws -> (state: AggregateState, verdict: AggregateAnswer.Verdict?) {
    let stream = StateReader.stream(of: key, aggregate)
    var state = known(stream, aggregate, notAfter: moment) ?? AggregateState(value: .null, version: 0)
    while true {
      let limit = StateReader.room(moment, after: state.version)
      let page = limit > 0 ? try log.events(of: stream, after: state.version, limit: limit) : EventPage()
      let (part, isLast) = Self.part(of: page, limit, upTo: moment)
      if part.isEmpty, command == nil, state.version > 0 { return (state, nil) }
      let answer = try await ask(state, page, part, isLast ? command : nil, of: key, aggregate)
      state = answer.state
      if moment == .now { keep(state, of: stream, aggregate) }
      if isLast { return answer }
    }
  }

  /// Which events of a page go into the next question, and whether none come after them.
  private static func part(of page: EventPage, _ limit: Int, upTo moment: StateReader.Moment)
    -> (events: [Int], isLast: Bool)
  {
    var length = 0
    for (index, entry) in page.entries.enumerated() {
      if case .position(let last) = moment, entry.position > last { return (Array(0..<index), true) }
      length += entry.json.count
      if length > greatest, index > 0 { return (Array(0..<index), false) }
    }
    return (Array(page.entries.indices), page.entries.count < limit || limit == 0)
  }

  private func ask(
    _ state: AggregateState,
    _ page: EventPage,
    _ part: [Int],
    _ command: AggregateQuestion.Command?,
    of key: String,
    _ aggregate: Aggregate
  ) async throws -> (state: AggregateState, verdict: AggregateAnswer.Verdict?) {
    guard let plugin = aggregate.plugin else {
      preconditionFailure("the states of '\(aggregate.id)' are no plugin's")
    }
    let question = AggregateQuestion(
      key: key,
      state: state.version == 0 ? nil : Array(state.value.json.utf8),
      events: part.map { Array(page.json($0)) },
      command: command
    )
    let answer = try await plugins.ask(question, of: plugin)
    guard answer.state.json.utf8.count <= Self.greatest else {
      let message = "the state of \(aggregate.subject(of: key)) is longer than \(Self.greatest) bytes"
      throw CommandFailure(.failed, message)
    }
    let after = AggregateState(
      value: answer.state,
      version: state.version + Int64(part.count),
      position: part.last.map { page.entries[$0].position } ?? state.position
    )
    return (after, answer.verdict)
  }

  private func known(_ stream: StreamName, _ aggregate: Aggregate, notAfter moment: StateReader.Moment)
    -> AggregateState?
  {
    guard let known = cache.withLock({ $0[stream] }), known.aggregate === aggregate else { return nil }
    switch moment {
    case .now: return known.state
    case .version(let wanted): return known.state.version <= wanted ? known.state : nil
    case .position(let wanted):
      return known.state.position.map { $0 <= wanted } == true ? known.state : nil
    }
  }

  private func keep(_ state: AggregateState, of stream: StreamName, _ aggregate: Aggregate) {
    guard state.version > 0 else { return }
    cache.withLock { cache in
      // Somebody who has begun later may have got further.
      if let known = cache[stream], known.aggregate === aggregate, known.state.version > state.version {
        return
      }
      cache[stream] = Known(aggregate: aggregate, state: state)
    }
  }
}
