// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import EarshotHost
import EventModel
import Foundation
import Rules

/// `earshot test`: runs the tests that rules carry, and writes new ones from what has happened.
struct Test: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run the tests that rules carry, or write one from what has happened.",
    discussion: "Without a subcommand, tests are run: `earshot test Rules/`.",
    subcommands: [RunTests.self, Capture.self],
    defaultSubcommand: RunTests.self
  )
}

/// Runs the tests that rules carry.
struct RunTests: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run the tests that rules carry.",
    discussion: """
      Runs every test under 'tests:' of the rules below the paths (by default Rules/ here, else the user's \
      configuration). The rule sees the given events on the engine itself, on a clock of its own; its actions have \
      no effect and are compared with what the test expects. Exit status 1 when a test fails, 65 when the rules have \
      errors.
      """
  )

  @Argument(help: "Rule files and folders.") var paths: [String] = []
  @OptionGroup var plugins: PluginOption
  @Option(help: "Run only tests whose rule or name contains this text.") var filter: String?
  @Option(help: ArgumentHelp("Also write the results as JUnit XML.", valueName: "file")) var junit: String?
  @Flag(help: "Print the results as JSON.") var json = false

  func run() async throws {
    let (rules, _) = try await RuleFolders(paths).load(plugins)
    var results: [RuleTests.Result] = []
    for rule in rules.rules {
      for test in rule.tests where isWanted(rule, test) {
        let result = await RuleTests.run(
          test,
          of: rule,
          in: rules,
          environment: ProcessInfo.processInfo.environment
        )
        if !json { show(result) }
        results.append(result)
      }
    }
    let failures = results.count { !$0.problems.isEmpty }
    if json { print(Self.json(results).json) } else { summarize(rules, results, failures) }
    if let junit { try Data(JUnitReport.text(results).utf8).write(to: URL(filePath: junit)) }
    if failures > 0 { throw ExitCode(1) }
  }

  private func isWanted(_ rule: Rule, _ test: RuleTest) -> Bool {
    guard let filter else { return true }
    return rule.id.contains(filter) || test.name.contains(filter)
  }

  private func show(_ result: RuleTests.Result) {
    let isFine = result.problems.isEmpty
    print(TerminalText.escaped("\(isFine ? "pass" : "FAIL")  \(result.rule): \(result.test.name)"))
    guard !isFine else { return }
    let place = result.test.place
    print(TerminalText.escaped("      \(place.file):\(place.line)"))
    for problem in result.problems { print(TerminalText.escaped("      \(problem)")) }
  }

  private func summarize(_ rules: RuleSet, _ results: [RuleTests.Result], _ failures: Int) {
    let untested = rules.rules.filter { !Self.isTested($0, in: rules) }.map(\.id)
    if !untested.isEmpty, filter == nil {
      print(TerminalText.escaped("without a test: \(untested.joined(separator: ", "))"))
    }
    print("\(results.count - failures) passed, \(failures) failed")
  }

  /// Whether a rule has tests; one that no event triggers has those of the rules that call it.
  private static func isTested(_ rule: Rule, in rules: RuleSet) -> Bool {
    if !rule.tests.isEmpty { return true }
    let isCalled = rule.triggers.isEmpty && rule.joins.isEmpty
    return isCalled && rules.rules.contains { $0.calls.contains(rule.id) && isTested($0, in: rules) }
  }

  private static func json(_ results: [RuleTests.Result]) -> JSONValue {
    .array(
      results.map { result in
        [
          "rule": .string(result.rule), "name": .string(result.test.name),
          "file": .string(result.test.place.file), "line": .number("\(result.test.place.line)"),
          "passed": .bool(result.problems.isEmpty), "problems": .array(result.problems.map { .string($0) }),
        ]
      }
    )
  }
}

extension Test {
  /// Writes tests from what has happened.
  struct Capture: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write tests of rules from an event of the log and all that it has led to.",
      discussion: """
        For each run the events that it reacted to, what its steps yielded, and what its rule does with that: an entry \
        for `tests:` of the rule. Such a test passes until somebody changes what the rule does.

          earshot test capture 120 --rule billing
        """
    )

    @Argument(help: "The event, by its position or id.") var event: String
    @Option(help: "Only tests of this rule.") var rule: String?
    @OptionGroup var location: StateOption
    @OptionGroup var plugins: PluginOption

    func run() async throws {
      let catalog = await plugins.load()
      let tests = try await location.reading { log in
        let capture = try TestCapture(
          log: log,
          plugins: catalog,
          environment: ProcessInfo.processInfo.environment
        )
        return try await capture.tests(of: event, rule: rule)
      }
      for rule in Set(tests.map(\.rule)).sorted() {
        print("# rules: \(TerminalText.escaped(rule))\n    tests:")
        for test in tests where test.rule == rule { print(test.text, terminator: "") }
      }
    }
  }
}
