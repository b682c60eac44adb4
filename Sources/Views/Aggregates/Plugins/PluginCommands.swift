// SPDX-License-Identifier: Apache-2.0

import DurableLog
import EventModel
import Expressions
import PluginWire
import Rules

/// Decides on commands by what plugins say, one at a time for each thing.
///
/// A command's turn ends when its events are committed, so a plugin only ever sees states that the log has. Others who append to
/// the thing meanwhile are noticed by the log.
final class PluginCommands: Sendable {
  private let log: any DurableLog
  private let clock: any HostClock
  private let states: PluginStates
  private let turns = ThingTurns()

  init(_ log: any DurableLog, _ clock: any HostClock, _ states: PluginStates) {
    self.log = log
    self.clock = clock
    self.states = states
  }

  /// Forgets all states.
  func forget() { states.forget() }

  /// Decides once and has the events appended.
  func attempt(
    _ request: CommandRequest,
    _ command: Aggregate.Command,
    _ aggregate: Aggregate,
    _ content: CommandContent
  ) async -> DecisionAttempt {
    let stream = StateReader.stream(of: request.key, aggregate)
    guard await turns.take(stream) else {
      let message = "too many commands wait for \(aggregate.subject(of: request.key))"
      return DecisionAttempt(.failure(CommandFailure(.busy, message)), nil, nil)
    }
    defer { turns.pass(stream) }
    do {
      let asked = AggregateQuestion.Command(name: content.name, id: content.id, data: content.data)
      let (state, verdict) = try await states.decide(asked, on: request.key, of: aggregate)
      if let expected = request.expectedVersion, expected != state.version {
        throw CommandFailure(unexpected: state.version, request, aggregate)
      }
      let decision = try Decision(
        verdict,
        on: request,
        command,
        of: aggregate,
        content,
        by: CachedState(state: state, reading: 0),
        clock
      ) { _, state in state.version += 1 }
      return DecisionAttempt(.success(try await log.submit(decision.change)), decision, nil)
    } catch {
      return DecisionAttempt(.failure(error), nil, nil)
    }
  }
}
