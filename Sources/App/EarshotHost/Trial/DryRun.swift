// SPDX-License-Identifier: Apache-2.0

import Dispatching
public import DurableLog
public import EventModel
import Expressions
public import Rules

/// Walks through a rule without any effect: what is done when all goes well, and what when something fails.
///
/// The event and what steps yield are those of the rule's first test, as far as nothing else is said.
public struct DryRun {
  /// One way through the rule.
  public struct Walk: Sendable, Hashable {
    /// The steps that fail, in the order in which they are made.
    public let failing: [String]
    /// The steps that are made, in order; those of called rules as `rule.step`.
    public let steps: [String]
    /// What could not be made, and why.
    public let problems: [String]
    /// How the run ends; nil when there is none, since the rule does not react to the event.
    public let end: RunState?
  }

  private let rule: Rule
  private let rules: RuleSet
  private let test: RuleTest
  private let environment: [String: String]

  /// Prepares a walk; `event` and `outputs` come before those of the rule's first test.
  public init(
    of rule: Rule,
    in rules: RuleSet,
    event: JSONValue?,
    outputs: [String: JSONValue],
    environment: [String: String]
  ) {
    self.rule = rule
    self.rules = rules
    self.environment = environment
    let first = rule.tests.first { !$0.given.isEmpty }
    let type = rule.triggers.lazy.flatMap(\.types).first { !$0.isPrefix }?.text
    let plain: JSONValue? = type.map { ["type": .string($0), "data": [:]] }
    let given = event.map { [RuleTest.Given(event: $0)] } ?? first?.given ?? plain.map { [.init(event: $0)] }
    let all = rule.tests.reversed().reduce(into: [:]) { $0.merge($1.outputs) { _, new in new } }
    test = (first ?? .unwritten).with(
      given: given ?? [],
      outputs: all.merging(outputs) { _, own in own },
      failures: [:]
    )
  }

  /// Whether it is known to which event the rule reacts.
  public var hasEvent: Bool { !test.given.isEmpty }

  /// The way through the rule when some steps fail, with the reasons.
  public func walk(failing: [String: String]) async throws -> Walk {
    let surroundings = ScopeSurroundings(
      environment: SecretStore.open(environment.merging(test.environment) { _, own in own }),
      secrets: SecretStore.named(in: test.environment)
    )
    let test = test.with(given: test.given, outputs: test.outputs, failures: failing)
    let outcome = try await RuleTrial.outcome(
      of: rule,
      in: rules,
      for: test,
      scope: surroundings,
      viewFolding: RowFolding()
    )
    let steps = outcome.deeds.compactMap(\.deed.step)
    let unmade = Set(failing.keys).subtracting(steps).sorted()
    return Walk(
      failing: steps.unique.filter { failing[$0] != nil } + unmade,
      steps: steps,
      problems: outcome.deeds.compactMap(\.deed.problem),
      end: outcome.isStuck ? .stuck : outcome.ends.first
    )
  }

  /// All ways: without a failure, with each step failing that is made then, and with each compensation failing, too.
  public func walks() async throws -> [Walk] {
    let plain = try await walk(failing: [:])
    var walks = [plain]
    var compensations: [(step: String, after: String)] = []
    for step in plain.steps.unique where !step.hasSuffix(Self.undoing) {
      let walk = try await walk(failing: [step: "a trial"])
      // What fails without that is no step that can.
      guard walk.steps != plain.steps || walk.end != plain.end else { continue }
      walks.append(walk)
      let undone = walk.steps.unique.filter { $0.hasSuffix(Self.undoing) }
      compensations += undone.map { ($0, step) }
    }
    var seen: Set<String> = []
    for (step, first) in compensations where seen.insert(step).inserted {
      walks.append(try await walk(failing: [first: "a trial", step: "a trial"]))
    }
    return walks
  }

  private static let undoing = ".compensate"
}

extension RuleTrial.Deed {
  /// The step that was made.
  fileprivate var step: String? {
    switch self {
    case .action(let step, _), .emit(let step, _): step
    case .impossible, .failure: nil
    }
  }

  /// What could not be made.
  fileprivate var problem: String? {
    switch self {
    case .impossible(let step, let reason): "\(step): \(reason)"
    case .failure(let data): "the condition: \(data["message"]?.string ?? data.json)"
    case .action, .emit: nil
    }
  }
}

extension Sequence where Element: Hashable {
  /// The elements without repetitions.
  fileprivate var unique: [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
