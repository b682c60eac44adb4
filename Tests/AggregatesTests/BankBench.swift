// SPDX-License-Identifier: Apache-2.0

import Aggregates
import Diagnostics
import Dispatching
import DurableLog
import EventModel
import EventSources
import Expressions
import Foundation
import PluginWire
import Rules
import SQLiteLog
import Testing

/// An account whose commands are sent to a log, in memory or on disk.
struct BankBench {
  static let bank = """
    aggregates:
      account:
        initial: { balance: 0 }
        evolve:
          Deposited: { balance: state.balance + event.data.amount }
          Withdrawn: { balance: state.balance - event.data.amount }
        commands:
          Deposit:
            parameters: { amount: number }
            emit: { type: Deposited, data: { amount: "${{ command.data.amount }}" } }
          Withdraw:
            parameters: { amount: number }
            require: { condition: state.balance >= command.data.amount, message: "only ${{ state.balance }}" }
            emit: { type: Withdrawn, data: { amount: "${{ command.data.amount }}" } }
            refused: WithdrawRefused
          Twice:
            parameters: { amount: number }
            emit:
              - { type: Deposited, data: { amount: "${{ command.data.amount }}" } }
              - { type: Deposited, data: { amount: "${{ command.data.amount }}" } }
          Stray:
            emit: { type: Deposited, subject: account/other, data: { amount: 1 } }
          Broken:
            emit: { type: Deposited, data: { amount: much } }
    """

  let clock = VirtualClock()
  let log: any DurableLog
  let dispatcher: Dispatcher
  let handler: CommandHandler
  let aggregate: Aggregate
  let rules: RuleSet

  /// What makes the states of an account that a plugin decides on; nil when there is no plugin.
  let states: PluginStates?

  /// Makes one on a new log in memory, or on one that is given.
  init(
    _ text: String = Self.bank,
    on log: (any DurableLog)? = nil,
    snapshots: SnapshotFile? = nil,
    plugin: BankPlugin? = nil
  ) throws {
    let files = [RuleFile(name: "bank.yaml", bytes: Array(text.utf8))]
    let (rules, bag) = RuleLoader.load(files, actions: plugin?.catalog ?? Nothing(), sources: Nothing())
    #expect(bag.sorted.map(\.message) == [])
    self.rules = try #require(rules)
    aggregate = try #require(self.rules.aggregates.first)
    let log = log ?? InMemoryLog(clock: clock)
    self.log = log
    let dispatcher = Dispatcher(
      self.rules,
      credits: [:],
      in: .init(
        log: log,
        clock: clock,
        scope: .empty,
        runner: Nothing(),
        fetchRules: { _ in nil },
        report: { _ in }
      )
    )
    self.dispatcher = dispatcher
    states = plugin.map { PluginStates(log, plugins: $0) }
    handler = CommandHandler(
      log: log,
      clock: clock,
      scope: .empty,
      snapshots: snapshots,
      plugins: states,
      isReady: { dispatcher.hasStreams(of: $0) }
    )
    handler.use(self.rules.aggregates)
    log.start(router: dispatcher, observer: dispatcher)
  }

  /// Takes up what is in the log, as a host does at its start.
  func takeUp() async throws {
    try await dispatcher.beginStreams(rules)
    try dispatcher.use(rules, credits: [:])
    try await dispatcher.settleStreams()
    dispatcher.catchUp()
    while !dispatcher.hasStreams(of: aggregate) { await Task.yield() }
  }

  func send(
    _ command: String,
    _ amount: Int? = nil,
    to key: String = "1",
    id: String? = nil,
    version: Int64? = nil
  )
    async throws -> CommandReply
  {
    try await handler.handle(
      CommandRequest(
        aggregate: "account",
        key: key,
        command: command,
        data: amount.map { ["amount": .number("\($0)")] } ?? [:],
        id: id,
        expectedVersion: version
      )
    )
  }

  /// Appends a deposit that no command has asked for.
  func deposit(_ amount: Int, to key: String = "1", id: String? = nil) async throws {
    var intake = EventIntake(defaultSource: "outside", clock: clock)
    var batch = EventBatch()
    var event = CloudEvent(
      type: "Deposited",
      subject: "account/\(key)",
      data: ["amount": .number("\(amount)")]
    )
    event.id = id
    try intake.append(event, to: &batch)
    try await log.submit(LogChange(events: batch))
  }

  func state(of key: String = "1", at moment: StateReader.Moment = .now) throws -> AggregateState {
    try StateReader(log).state(of: key, aggregate, at: moment)
  }

  func balance(of key: String = "1", at moment: StateReader.Moment = .now) throws -> String? {
    try state(of: key, at: moment).value["balance"]?.json
  }

  /// All events of the log.
  func events() throws -> [JSONView] {
    let page = try log.events(from: .start, limit: 10_000)
    return try page.entries.indices.map { try JSONDocument(Array(page.json($0))).root }
  }
}

/// No plugins, no sources, and nothing that is done.
struct Nothing: ActionCatalog, SourceCatalog, AttemptRunner {
  var plugins: [PluginDescription] = []
  var pluginNames: [String] { plugins.map(\.name) }
  func plugin(named name: String) -> PluginDescription? { plugins.first { $0.name == name } }
  var kinds: [String] { [] }
  func options(of kind: String) -> ParameterSchema? { nil }
  func problems(of kind: String, options: JSONValue) -> [OptionProblem] { [] }
  func begin(_ attempts: [PluginRun], by listener: String) {}
  func cancel(_ tickets: [UInt64], by listener: String) {}
}

/// A folder that is removed with the test's end.
final class Folder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "aggregates-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
