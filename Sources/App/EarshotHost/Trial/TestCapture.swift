// SPDX-License-Identifier: Apache-2.0

import Dispatching
import DurableLog
import EventModel
import Expressions
public import PluginHost
import Rules
import SQLiteLog

/// Writes tests of rules from what has happened: for each run in an event's tree of causes the events that it reacted to, what
/// its steps yielded or why they failed, and what the rule does with that.
///
/// What is expected is what the engine does with these in a trial, under the rules that made the run, so a test that was
/// written passes.
public struct TestCapture: Sendable {
  /// A test that was written.
  public struct Captured: Sendable {
    /// The rule that it is for.
    public let rule: String
    /// The run that it was made from.
    public let run: Int64
    /// The test as an entry of `tests:` in the rule, with six blanks before it.
    public let text: String
  }

  /// How many tests are written at most.
  private static let most = 50

  private let log: LogReader
  private let plugins: PluginCatalog
  private let environment: [String: String]

  /// Reads the log at a path; `environment` is what expressions see as `env`.
  ///
  /// - Throws: `LogFailure`.
  public init(log path: String, plugins: PluginCatalog, environment: [String: String]) throws {
    log = try LogReader(path: path)
    self.plugins = plugins
    self.environment = environment
  }

  /// The tests of an event, by its position or id: of all rules that it has led to, or of one.
  ///
  /// - Throws: `HostFailure` when there is none.
  public func tests(of event: String, rule: String?) async throws -> [Captured] {
    let position: LogPosition
    do { position = try EventAccount(log) { _ in nil }.position(named: event) } catch let refusal
      as LogQueries.Refusal
    {
      throw HostFailure(refusal.description, status: 66)
    }
    var walk = CausationWalk(log)
    guard try walk.follow(position) else { throw HostFailure("there is no event '\(event)'", status: 66) }
    let runs = walk.events.flatMap(\.reactions).map(\.run).filter { rule == nil || $0.rule == rule }
    guard !runs.isEmpty else {
      let of = rule.map { " of '\($0)'" } ?? ""
      throw HostFailure("no run\(of) has come of the event '\(event)'", status: 66)
    }
    var captured: [Captured] = []
    for run in runs.prefix(Self.most) { captured.append(try await test(of: run)) }
    return captured
  }

  private func test(of run: Run) async throws -> Captured {
    let history = RuleHistory(log)
    guard let rules = try history.rules(of: run.revision, plugins: plugins, sources: SourceKinds()),
      let rule = rules.rules.first(where: { $0.id == run.rule })
    else {
      throw HostFailure("the rules of revision \(run.revision) need plugins that are not here", status: 69)
    }
    let given = try given(run)
    let (outputs, failures) = try results(of: run)
    let test = RuleTest.unwritten.with(given: given, outputs: outputs, failures: failures)
    let surroundings = ScopeSurroundings(environment: SecretStore.open(environment), secrets: [:])
    let outcome = try await RuleTrial.outcome(
      of: rule,
      in: rules,
      for: test,
      scope: surroundings,
      viewFolding: RowFolding()
    )
    let type = given.first?.event["type"]?.string ?? ""
    let name = "does what it did for \(type) at position \(run.position) (run \(run.id.rawValue))"
    let text = CapturedText(name: name, test: test, deeds: outcome.deeds.map(\.deed)).text
    return Captured(rule: run.rule, run: run.id.rawValue, text: text)
  }

  /// The events that a run reacted to, without what the host has stamped on them.
  private func given(_ run: Run) throws -> [RuleTest.Given] {
    let positions = run.inputs.isEmpty ? [run.position] : run.inputs
    var first: Timestamp?
    var given: [RuleTest.Given] = []
    for position in positions {
      let page = try log.events(from: position, limit: 1)
      guard let entry = page.entries.first, entry.position == position,
        case .object(let members) = try JSONValue(json: Array(page.json(0)), limits: .stored)
      else { throw HostFailure("the event at position \(position) is forgotten", status: 66) }
      let start = first ?? entry.recorded
      first = start
      let stamped: Set<String> = ["specversion", "correlationid", "causationid", "hops"]
      let event = JSONValue.object(members.filter { !stamped.contains($0.key) })
      given.append(RuleTest.Given(event: event, offset: max(.zero, entry.recorded - start)))
    }
    return given
  }

  /// What the steps of a run yielded, and why some failed for good.
  private func results(of run: Run) throws -> (outputs: [String: JSONValue], failures: [String: String]) {
    var outputs: [String: JSONValue] = [:]
    var failures: [String: String] = [:]
    for entry in try log.history(of: run.id, limit: LogQueries.greatestLimit) {
      let result = entry.result.flatMap { try? JSONValue(json: $0) }
      switch entry.kind {
      case .done: outputs[entry.step] = result
      case .dead: failures[entry.step] = result?.string ?? result?.json ?? "it failed"
      default: break
      }
    }
    return (outputs, failures)
  }
}

/// A test as it is written in a rule.
struct CapturedText {
  let name: String
  let test: RuleTest
  let deeds: [RuleTrial.Deed]

  private static let indent = "      "

  /// The entry of `tests:`; values are written as JSON, which YAML understands.
  var text: String {
    var lines = ["- name: \(JSONValue.string(name).json)", "  given:"]
    lines += test.given.map { "    - \(given($0).json)" }
    if !test.outputs.isEmpty { lines.append("  outputs: \(object(test.outputs).json)") }
    if !test.failures.isEmpty {
      lines.append("  failures: \(object(test.failures.mapValues { .string($0) }).json)")
    }
    lines += deeds.isEmpty ? ["  expect: []"] : ["  expect:"] + deeds.map { "    - \(expected($0).json)" }
    return lines.map { Self.indent + $0 + "\n" }.joined()
  }

  private func object(_ values: [String: JSONValue]) -> JSONValue {
    .object(values.sorted { $0.key < $1.key }.map { .init($0.key, $0.value) })
  }

  private func given(_ given: RuleTest.Given) -> JSONValue {
    guard given.offset > .zero, case .object(let members) = given.event else { return given.event }
    return .object([.init("at", .string("\(given.offset.wholeMilliseconds)ms"))] + members)
  }

  /// What is expected of a deed; what looks like an expression would be evaluated, so parameters with that are left out.
  private func expected(_ deed: RuleTrial.Deed) -> JSONValue {
    switch deed {
    case .action(let step, let with):
      let isPlain = !with.json.contains("${{")
      return .object([.init("action", .string(step))] + (isPlain ? [.init("with", with)] : []))
    case .emit(_, let event):
      return ["emit": event.json.contains("${{") ? ["type": event["type"] ?? .null] : event]
    case .impossible(let step, _): return ["action": .string(step)]
    case .failure(let data): return ["failure": data["code"] ?? .null]
    }
  }
}

extension Duration {
  fileprivate var wholeMilliseconds: Int64 {
    components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
  }
}
