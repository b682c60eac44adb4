// SPDX-License-Identifier: Apache-2.0

import Dispatching
import EventModel
import Expressions
import PluginHost
import PluginWire
import Rules
import Synchronization

/// The plugins that run, as the dispatcher's runner of attempts.
///
/// A plugin's supervisor is made when its first attempt comes, and again when its settings have changed.
final class Listeners: AttemptRunner {
  private struct State {
    var catalog: PluginCatalog
    var definitions: [String: ListenerDefinition] = [:]
    var supervisors: [String: PluginSupervisor] = [:]
  }

  private let surroundings: PluginSupervisor.Surroundings
  private let redaction: SecretRedaction
  private let state: Mutex<State>
  private let dispatcher = Mutex<Dispatcher?>(nil)
  /// What sends the commands of rules.
  private let commands: CommandRunner

  /// What plugins answer goes through `redaction` before anybody sees it.
  init(
    _ catalog: PluginCatalog,
    in surroundings: PluginSupervisor.Surroundings,
    redaction: SecretRedaction,
    commands: CommandRunner
  ) {
    self.commands = commands
    self.surroundings = surroundings
    self.redaction = redaction
    state = Mutex(State(catalog: catalog))
  }

  /// Says who is told the outcomes; to be called before the first attempt.
  func answer(to dispatcher: Dispatcher) { self.dispatcher.withLock { $0 = dispatcher } }

  /// Takes the definitions of new rules; supervisors of what has changed finish their work and go.
  func use(_ rules: RuleSet, catalog: PluginCatalog) async {
    let definitions = Dictionary(rules.listeners.map { ($0.id, $0) }) { first, _ in first }
    let gone = state.withLock { state in
      let changed = state.supervisors.keys.filter { name in
        definitions[name]?.supervision != state.definitions[name]?.supervision
          || catalog.executable(name) != state.catalog.executable(name)
      }
      state.definitions = definitions
      state.catalog = catalog
      return changed.compactMap { state.supervisors.removeValue(forKey: $0) }
    }
    for supervisor in gone { await supervisor.close() }
  }

  /// How many runs each listener of the catalog may have under way.
  static func credits(_ rules: RuleSet, _ catalog: PluginCatalog) -> [String: Int] {
    var credits = [HostActions.aggregate: HostActions.credit]
    for name in catalog.pluginNames { credits[name] = ListenerDefinition(id: name).credit }
    for definition in rules.listeners { credits[definition.id] = definition.credit }
    return credits
  }

  func begin(_ attempts: [PluginRun], by listener: String) {
    if listener == HostActions.aggregate {
      for attempt in attempts { commands.run(attempt) { [self] in finish([$0]) } }
      return
    }
    if let supervisor = supervisor(listener) {
      return supervisor.submit(attempts)
    }
    let reply = RunReply.fail(message: "there is no plugin '\(listener)'")
    finish(attempts.map { ($0.ticket, reply) })
  }

  func cancel(_ tickets: [UInt64], by listener: String) {
    state.withLock { $0.supervisors[listener] }?.cancel(tickets)
  }

  /// Tells of attempts that nobody knows the end of.
  private func lose(_ outcomes: [RunOutcome]) {
    guard !outcomes.isEmpty else { return }
    let lost = outcomes.map { outcome in
      guard case .retry(let message, _) = outcome.reply else {
        preconditionFailure("a lost attempt may be repeated")
      }
      return (ticket: outcome.ticket, reason: redaction.redacted(message))
    }
    dispatcher.withLock { $0 }?.lost(lost)
  }

  private func finish(_ outcomes: [AttemptOutcome]) {
    guard !outcomes.isEmpty else { return }
    dispatcher.withLock { $0 }?.finished(outcomes.map { ($0.ticket, redacted($0.reply)) })
  }

  private func redacted(_ reply: RunReply) -> RunReply {
    switch reply {
    case .ack(let output, let emit):
      .ack(output: output.map { redaction.redacted($0) }, emit: emit.map { redaction.redacted($0) })
    case .retry(let message, let after): .retry(message: redaction.redacted(message), after: after)
    case .fail(let message): .fail(message: redaction.redacted(message))
    }
  }

  private func supervisor(_ name: String) -> PluginSupervisor? {
    state.withLock { state in
      if let known = state.supervisors[name] { return known }
      guard let executable = state.catalog.executable(name) else { return nil }
      let definition = state.definitions[name] ?? ListenerDefinition(id: name)
      let new = PluginSupervisor(executable, settings: definition.supervision, in: surroundings) {
        [weak self] outcomes in
        self?.finish(outcomes.filter(\.isKnown).map { ($0.ticket, $0.reply) })
        self?.lose(outcomes.filter { !$0.isKnown })
      }
      state.supervisors[name] = new
      return new
    }
  }

  /// Ends all plugins; attempts that are still open are answered for.
  func close() async {
    let all = state.withLock { Array($0.supervisors.values) }
    await withDiscardingTaskGroup { group in
      // Each may take its time to end, so none waits for another.
      for supervisor in all { group.addTask { await supervisor.close() } }
    }
  }
}

extension ListenerDefinition {
  fileprivate var credit: Int { instances * concurrency }

  /// How the plugin is run.
  var supervision: PluginSupervisor.Settings {
    .init(instances: instances, concurrency: concurrency, idleStop: idleStop, settings: settings)
  }
}

extension PluginCatalog {
  /// The executable of a plugin.
  func executable(_ name: String) -> PluginFolder.Executable? {
    entries.first { $0.executable.name == name }?.executable
  }
}
