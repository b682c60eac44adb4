// SPDX-License-Identifier: Apache-2.0

public import DurableLog
public import EventModel
import EventSources
public import Expressions
import PluginWire
public import Rules
import Synchronization

/// Decides on commands and has their events appended.
///
/// Safe to use from any thread; see the theory of operation in `Aggregates.swift`.
public final class CommandHandler: Sendable {
  /// How often a command is decided on anew because its thing has changed meanwhile.
  public static let attempts = 64
  private static let capacity = 4096

  private let log: any DurableLog
  private let clock: any HostClock
  private let scope: ScopeSurroundings
  private let reader: StateReader
  /// Whether an aggregate's streams have all their events.
  private let isReady: @Sendable (Aggregate) -> Bool
  private let aggregates = Mutex<[String: Aggregate]>([:])
  private let ids = Mutex(EventIDGenerator())
  /// Held while one command is decided on and handed to the log, so that the log takes them in the order of the states.
  private let cache = Mutex(StateCache<CachedState>(capacity: CommandHandler.capacity))
  /// What decides for aggregates in plugins; nil where there are no plugins.
  private let pluginCommands: PluginCommands?

  /// Makes a handler that knows no aggregate yet; `plugins` makes the states of aggregates in plugins.
  public init(
    log: any DurableLog,
    clock: any HostClock,
    scope: ScopeSurroundings,
    snapshots: SnapshotFile?,
    plugins: PluginStates? = nil,
    isReady: @escaping @Sendable (Aggregate) -> Bool
  ) {
    self.log = log
    self.clock = clock
    self.scope = scope
    self.isReady = isReady
    reader = StateReader(log, snapshots: snapshots)
    pluginCommands = plugins.map { PluginCommands(log, clock, $0) }
  }

  /// Knows these aggregates from now on.
  public func use(_ aggregates: [Aggregate]) {
    self.aggregates.withLock { known in
      known = Dictionary(aggregates.map { ($0.id, $0) }) { first, _ in first }
    }
    cache.withLock { $0.removeAll() }
    pluginCommands?.forget()
  }

  /// Decides on a command and answers after the commit.
  public func handle(_ request: CommandRequest) async throws(CommandFailure) -> CommandReply {
    let (aggregate, command) = try find(request)
    let content = CommandContent(
      id: request.id ?? ids.withLock { $0.next(at: clock.now()) },
      name: request.command,
      key: request.key,
      data: request.data
    )
    if let id = request.id, let known = try answered(id, aggregate) { return known }
    for _ in 0..<Self.attempts {
      if let reply = try await attempt(request, command, aggregate, content) { return reply }
    }
    throw CommandFailure(
      .busy,
      "\(aggregate.subject(of: request.key)) was changed by others \(Self.attempts) times while '\(request.command)' was decided on"
    )
  }

  private func find(_ request: CommandRequest) throws(CommandFailure) -> (Aggregate, Aggregate.Command) {
    guard let aggregate = aggregates.withLock({ $0[request.aggregate] }) else {
      throw CommandFailure(.unknown, "there is no aggregate '\(request.aggregate)'")
    }
    guard let command = aggregate.command(named: request.command) else {
      let known = aggregate.commands.map(\.name).joined(separator: ", ")
      throw CommandFailure(.unknown, "'\(aggregate.id)' has no command '\(request.command)'; it has \(known)")
    }
    guard !request.key.isEmpty else { throw CommandFailure(.invalid, "a command needs a key") }
    let problems = command.parameters.problems(in: request.data, at: "")
    guard problems.isEmpty else {
      throw CommandFailure(.invalid, "'\(command.name)': \(problems.joined(separator: "; "))")
    }
    guard isReady(aggregate) else {
      throw CommandFailure(.notReady, "the events of '\(aggregate.id)' are still being looked through")
    }
    return (aggregate, command)
  }

  /// Decides once; nil when the thing has changed meanwhile.
  private func attempt(
    _ request: CommandRequest,
    _ command: Aggregate.Command,
    _ aggregate: Aggregate,
    _ content: CommandContent
  ) async throws(CommandFailure) -> CommandReply? {
    let stream = StateReader.stream(of: request.key, aggregate)
    let attempt =
      if aggregate.plugin != nil, let pluginCommands {
        await pluginCommands.attempt(request, command, aggregate, content)
      } else {
        await decide(request, command, aggregate, content, stream)
      }
    switch attempt.outcome {
    case .success(let receipt):
      guard let conflict = receipt.conflict else {
        // An event of that id was there, so the state is not what was made of it.
        if receipt.outcomes.contains(where: \.isDuplicate) {
          cache.withLock { $0.forget(stream, reading: attempt.reading) }
        }
        return Self.placed(attempt.decision?.reply, receipt)
      }
      cache.withLock { $0.forget(stream, reading: attempt.reading) }
      guard case .answered(let content) = conflict else { return nil }
      do throws(LogFailure) {
        return try repeated(content, aggregate)
      } catch { throw Self.failure(error) }
    case .failure(let error):
      cache.withLock { $0.forget(stream, reading: attempt.reading) }
      throw Self.failure(error)
    }
  }

  /// Decides by expressions and hands the decision to the log before anybody else decides.
  private func decide(
    _ request: CommandRequest,
    _ command: Aggregate.Command,
    _ aggregate: Aggregate,
    _ content: CommandContent,
    _ stream: StreamName
  ) async -> DecisionAttempt {
    await withCheckedContinuation { continuation in
      cache.withLock { cache in
        do {
          let known = try cached(stream, request.key, aggregate, &cache)
          if let expected = request.expectedVersion, expected != known.state.version {
            throw CommandFailure(unexpected: known.state.version, request, aggregate)
          }
          let verdict = try aggregate.verdict(on: command, content, state: known.state.value, in: scope)
          let decision = try Decision(verdict, on: request, command, of: aggregate, content, by: known, clock)
          { try StateReader.fold($0, at: nil, into: &$1, aggregate) }
          cache[stream] = CachedState(
            state: decision.state,
            last: decision.last,
            reading: known.reading
          )
          log.submit(decision.change) {
            continuation.resume(returning: DecisionAttempt($0.mapError { $0 }, decision, known.reading))
          }
        } catch {
          continuation.resume(returning: DecisionAttempt(.failure(error), nil, nil))
        }
      }
    }
  }

  /// The state that the next decision is built on.
  private func cached(
    _ stream: StreamName,
    _ key: String,
    _ aggregate: Aggregate,
    _ cache: inout StateCache<CachedState>
  )
    throws -> CachedState
  {
    if let known = cache[stream] { return known }
    let state = try reader.state(of: key, aggregate)
    return CachedState(state: state, reading: cache.nextReading())
  }

  /// The reply with the places of its events.
  private static func placed(_ reply: CommandReply?, _ receipt: LogReceipt) -> CommandReply? {
    guard var reply else { return nil }
    for (index, outcome) in receipt.outcomes.enumerated() { reply.events[index].position = outcome.position }
    return reply
  }

  private func answered(_ id: String, _ aggregate: Aggregate) throws(CommandFailure) -> CommandReply? {
    do throws(LogFailure) {
      guard let content = try log.answer(to: id, of: "aggregates/\(aggregate.id)") else { return nil }
      return try repeated(content, aggregate)
    } catch { throw CommandFailure(.log, "\(error)") }
  }

  /// An answer that was given before, with the places of its events.
  private func repeated(_ content: [UInt8], _ aggregate: Aggregate) throws(LogFailure) -> CommandReply {
    guard var reply = CommandReply(kept: content) else {
      throw LogFailure(.corrupt, "an answer to a command cannot be read")
    }
    reply.isRepeated = true
    for index in reply.events.indices {
      reply.events[index].position = try log.position(
        source: "aggregates/\(aggregate.id)",
        id: reply.events[index].id
      )
    }
    return reply
  }

  private static func failure(_ error: any Error) -> CommandFailure {
    switch error {
    case let failure as CommandFailure: failure
    case let failure as LogFailure: CommandFailure(.log, "\(failure)")
    default: CommandFailure(.failed, "\(error)")
    }
  }
}
