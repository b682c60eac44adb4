// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import EventSources
import PluginWire
import Rules
import Synchronization

/// What a simulation is about: rules in two revisions, and the listeners.
final class Scenario: Sendable {
  /// How many there are; a seed's rules are those of its remainder.
  static let count: UInt64 = 1024

  private static let known = Mutex<[UInt64: Scenario]>([:])

  /// What the host begins with, and what it is given later.
  let revisions: [RuleSet]
  /// The texts of the revisions.
  let texts: [String]
  /// How many runs each listener may have under way.
  let credits: [String: Int]
  /// The triggers of rules that are the same in all revisions, and of which each event is a run.
  let plain: [String: Trigger]
  /// The same for a rule that is new in the later revision, and begins with the first event.
  let late: [String: Trigger]

  /// The scenario of a seed.
  static func of(_ seed: UInt64) throws -> Scenario {
    let number = seed % count
    if let scenario = known.withLock({ $0[number] }) { return scenario }
    let scenario = try Scenario(Chance(seed: number))
    known.withLock { $0[number] = scenario }
    return scenario
  }

  private convenience init(_ chance: Chance) throws {
    let listeners = Self.listeners(chance)
    let first = (0..<chance.number(2...6)).map { RuleSketch($0, chance) }
    var second = first.filter { _ in !chance.once(in: 8) }
    if second.isEmpty { second = [first[0]] }
    for index in second.indices where chance.once(in: 3) { second[index].change(chance) }
    if chance.once(in: 3) { second.append(RuleSketch(6, chance)) }
    let late = chance.once(in: 2) ? RuleSketch(7, chance) : nil
    if var late {
      late.parts.append("start: beginning")
      second.append(late)
    }
    let aggregates = Self.aggregates(chance)
    let texts = [(first, "a", aggregates.first), (second, "b", aggregates.second)].map {
      sketches,
      tag,
      aggregates in
      let head = ["listeners:", listeners] + aggregates + ["rules:"]
      return (head + sketches.map { $0.text(tag) }).joined(separator: "\n")
    }
    let stable = first.filter { sketch in
      sketch.isPlain && second.contains { $0.number == sketch.number && $0.isPlain }
    }
    try self.init(texts, plain: stable.map(\.id), late: late.flatMap { $0.isPlain ? $0.id : nil })
  }

  /// Makes one of the texts of its revisions; `plain` and `late` are rules of which much is expected.
  init(_ texts: [String], plain: [String] = [], late: String? = nil) throws {
    self.texts = texts
    revisions = try texts.map(Self.rules)
    credits = Dictionary(uniqueKeysWithValues: revisions[0].listeners.map { ($0.id, $0.concurrency) })
    let rules = revisions[0].rules.filter { plain.contains($0.id) }
    self.plain = Dictionary(uniqueKeysWithValues: rules.map { ($0.id, $0.triggers[0]) })
    let begins = revisions[1].rules.filter { $0.id == late }
    self.late = Dictionary(uniqueKeysWithValues: begins.map { ($0.id, $0.triggers[0]) })
  }

  private static func rules(_ text: String) throws -> RuleSet {
    let file = RuleFile(name: "r.yaml", bytes: Array(text.utf8))
    let (set, bag) = RuleLoader.load([file], actions: SimulatedPlugins(), sources: NoSources())
    guard let set else { throw ScenarioError(problems: bag.diagnostics.map { "\($0.message)" }, text: text) }
    return set
  }

  /// The aggregates of both revisions: another one, the same, or one that says otherwise which events are its own.
  private static func aggregates(_ chance: Chance) -> (first: [String], second: [String]) {
    let texts = [
      "{ key: event.data.k, evolve: { a: state, b: state } }", "{ key: event.type, evolve: { b: state } }",
    ]
    let choose = { () -> [String] in
      chance.once(in: 3) ? [] : ["aggregates:", "  things: \(chance.one(of: texts))"]
    }
    return (choose(), choose())
  }

  private static func listeners(_ chance: Chance) -> String {
    ["shop", "depot"].map { name in
      var parts = ["concurrency: \(chance.number(1...4))"]
      if chance.once(in: 3) { parts.append("order_by: event.data.k") }
      if chance.once(in: 4) {
        parts.append("rate: { limit: \(chance.number(1...4)), per: \(chance.number(1...20))s }")
      }
      if chance.once(in: 2) {
        parts.append("breaker: { failures: \(chance.number(1...4)), pause: \(chance.number(1...30))s }")
      }
      return "  \(name): { \(parts.joined(separator: ", ")) }"
    }.joined(separator: "\n")
  }

  /// A rule of a revision.
  func rule(_ id: String, of revision: String) -> Rule? {
    revisions.first { $0.revision == revision }?.rules.first { $0.id == id }
  }
}

/// Rules that were made up and cannot be read.
struct ScenarioError: Error {
  let problems: [String]
  let text: String
}

/// Two plugins that take anything.
private struct SimulatedPlugins: ActionCatalog {
  var pluginNames: [String] { ["depot", "shop"] }

  func plugin(named name: String) -> PluginDescription? {
    let pick = ActionDescription(name: "pick", summary: "", parameters: .any, effects: .idempotent)
    let ship = ActionDescription(name: "ship", summary: "", parameters: .any, effects: .irreversible)
    return pluginNames.contains(name)
      ? PluginDescription(name: name, version: "1", actions: [pick, ship]) : nil
  }
}

private struct NoSources: SourceCatalog {
  var kinds: [String] { [] }
  func options(of kind: String) -> ParameterSchema? { nil }
  func problems(of kind: String, options: JSONValue) -> [OptionProblem] { [] }
}
