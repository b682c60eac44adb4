// SPDX-License-Identifier: Apache-2.0

import Dispatching
import EventModel
import Expressions
public import Rules

/// Runs the tests that rules carry.
public enum RuleTests {
  /// How a test ended.
  public struct Result: Sendable {
    /// The rule that was tested.
    public let rule: String
    /// The test.
    public let test: RuleTest
    /// What was not as expected, in words, one line each; empty when all was.
    public let problems: [String]
  }

  /// Runs a test; the variables of the test's own environment come before those of `environment`.
  public static func run(
    _ test: RuleTest,
    of rule: Rule,
    in rules: RuleSet,
    environment: [String: String]
  ) async -> Result {
    // The host's own secrets are no matter for tests; a test names those that its rule shall find.
    let surroundings = ScopeSurroundings(
      environment: SecretStore.open(environment.merging(test.environment) { _, own in own }),
      secrets: SecretStore.named(in: test.environment)
    )
    do {
      let deeds = try await RuleTrial.outcome(
        of: rule,
        in: rules,
        for: test,
        scope: surroundings,
        viewFolding: RowFolding()
      ).deeds
      let scope = Scope(event: nil, in: surroundings)
      let wanted = try test.expected.map { (wish: try Wish($0.expectation, in: scope), offset: $0.offset) }
      return Result(rule: rule.id, test: test, problems: TrialComparison(wanted, deeds).problems)
    } catch {
      return Result(rule: rule.id, test: test, problems: ["the test cannot be run: \(error)"])
    }
  }
}

/// An expectation with its values.
enum Wish {
  case action(step: String, with: JSONValue?)
  case emit(JSONValue)
  case failure(code: String?)

  init(_ expectation: RuleTest.Expectation, in scope: Scope) throws(EvaluationError) {
    switch expectation {
    case .action(let step, let with): self = .action(step: step, with: try with?.value(in: scope))
    case .emit(let event): self = .emit(try event.value(in: scope))
    case .failure(let code): self = .failure(code: code)
    }
  }
}
