// SPDX-License-Identifier: Apache-2.0

import Aggregates
import EventModel
import Expressions
import PluginHost
import PluginWire
import Rules
import Synchronization

/// The plugins that make the states of aggregates.
///
/// They run in processes of their own, beside those that make attempts, so that no long action holds up a command. A process is
/// started when something is asked of it.
final class AggregateListeners: AggregatePlugins {
  /// How long a plugin may take for one answer.
  static let patience = Duration.seconds(10)
  /// How often a question is asked when a plugin ends over it; to ask changes nothing, so that does no harm.
  static let attempts = 2

  private struct State {
    var catalog: PluginCatalog
    var definitions: [String: ListenerDefinition] = [:]
    var supervisors: [String: PluginSupervisor] = [:]
    var open: [UInt64: CheckedContinuation<RunReply, Never>] = [:]
    var lastTicket: UInt64 = 0
    var isClosed = false
  }

  private let surroundings: PluginSupervisor.Surroundings
  private let redaction: SecretRedaction
  private let state: Mutex<State>

  /// What plugins answer goes through `redaction` before anybody sees it.
  init(
    _ catalog: PluginCatalog,
    in surroundings: PluginSupervisor.Surroundings,
    redaction: SecretRedaction
  ) {
    self.surroundings = surroundings
    self.redaction = redaction
    state = Mutex(State(catalog: catalog))
  }

  /// Takes the definitions of new rules; all processes finish what they were asked and go, since their executables may have
  /// become others.
  func use(_ rules: RuleSet, catalog: PluginCatalog) async {
    let definitions = Dictionary(rules.listeners.map { ($0.id, $0) }) { first, _ in first }
    let gone = state.withLock { state in
      state.definitions = definitions
      state.catalog = catalog
      defer { state.supervisors = [:] }
      return Array(state.supervisors.values)
    }
    for supervisor in gone { await supervisor.close() }
  }

  func ask(_ question: AggregateQuestion, of aggregate: PluginAggregate) async throws(CommandFailure)
    -> AggregateAnswer
  {
    var with: [UInt8] = []
    question.append(to: &with)
    let request = RunRequest(
      id: 0,
      action: AggregateQuestion.action(of: aggregate.name),
      key: question.command?.id ?? "",
      attempt: 1,
      timeout: Int64(Self.patience / .milliseconds(1)),
      rule: "",
      with: with,
      event: Array("{}".utf8)
    )
    var reply = RunReply.fail(message: "")
    for _ in 0..<Self.attempts {
      reply = await self.reply(to: request, by: aggregate.plugin)
      guard case .retry = reply else { break }
    }
    switch reply {
    case .ack(let output, _): return try answer(output ?? [], of: aggregate)
    case .retry(let message, _):
      throw CommandFailure(.busy, redaction.redacted("'\(aggregate)' does not answer: \(message)"))
    case .fail(let message): throw CommandFailure(.failed, redaction.redacted("'\(aggregate)': \(message)"))
    }
  }

  private func answer(_ output: [UInt8], of aggregate: PluginAggregate) throws(CommandFailure)
    -> AggregateAnswer
  {
    do {
      return try AggregateAnswer(json: JSONDocument(redaction.redacted(output), limits: .stored).root)
    } catch {
      throw CommandFailure(.failed, "'\(aggregate)' does not answer as an aggregate does: \(error)")
    }
  }

  private func reply(to request: RunRequest, by plugin: String) async -> RunReply {
    guard let supervisor = supervisor(plugin) else {
      return .fail(message: "there is no plugin '\(plugin)'")
    }
    return await withCheckedContinuation { continuation in
      let ticket = state.withLock { state in
        state.lastTicket += 1
        state.open[state.lastTicket] = continuation
        return state.lastTicket
      }
      supervisor.submit([PluginRun(ticket: ticket, request: request)])
    }
  }

  private func supervisor(_ name: String) -> PluginSupervisor? {
    state.withLock { state in
      if let known = state.supervisors[name] { return known }
      guard !state.isClosed, let executable = state.catalog.executable(name) else { return nil }
      let definition = state.definitions[name] ?? ListenerDefinition(id: name)
      let new = PluginSupervisor(executable, settings: definition.supervision, in: surroundings) {
        [weak self] outcomes in self?.finish(outcomes)
      }
      state.supervisors[name] = new
      return new
    }
  }

  private func finish(_ outcomes: [RunOutcome]) {
    for outcome in outcomes {
      state.withLock { $0.open.removeValue(forKey: outcome.ticket) }?.resume(returning: outcome.reply)
    }
  }

  /// Ends all processes; questions that are still open are answered for, and there are no others.
  func close() async {
    let all = state.withLock { state in
      state.isClosed = true
      return Array(state.supervisors.values)
    }
    await withDiscardingTaskGroup { group in
      // Each may take its time to end, so none waits for another.
      for supervisor in all { group.addTask { await supervisor.close() } }
    }
  }
}
