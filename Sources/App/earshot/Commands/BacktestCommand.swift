// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import Dispatching
import EarshotHost
import EventModel
import Rules
import Foundation
import PluginHost

/// `earshot backtest`: what other rules would have done.
struct BacktestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backtest",
    abstract: "Compare rules with those in force, over the events of the log.",
    discussion: """
      Leads the recorded events through the rules below the paths (by default Rules/ here, else the user's \
      configuration) and through those that were loaded last, each by the engine itself, and says for each rule which \
      firings are gained, lost or changed. No action is called: what was done in the past ends as it did then, and \
      everything else succeeds at once.

        earshot backtest Rules/ --since 7d
        earshot backtest Rules/ --against c14c148f --json
        earshot backtest --shadow new-limit

      With --shadow, what a rule in the mode 'shadow' noted is compared with what the live rule did that it 'shadows'.

      May run beside a host. Exit status 0 when there is no difference, 1 when there is one, 65 when the rules have \
      errors, 66 when there is no log or no such revision.
      """
  )

  @Argument(help: "Rule files and folders.") var paths: [String] = []
  @Option(help: "Only events of the last while, such as 7d, or since an instant.") var since: String?
  @Option(help: "Let time pass until this instant after the last event; by default until now.")
  var until: String?
  @Option(
    help: ArgumentHelp(
      "Compare with the rules of this revision, by the beginning of its name.",
      valueName: "revision"
    )
  )
  var against: String?
  @Option(
    help: ArgumentHelp(
      "Compare what this shadow would have done with what its live rule did.",
      valueName: "rule"
    )
  )
  var shadow: String?
  @Option(help: "How many differences of each kind are shown for each rule.") var examples = 3
  @OptionGroup var plugins: PluginOption
  @OptionGroup var location: StateOption
  @Flag(help: "Print the result as JSON.") var json = false

  func validate() throws {
    guard (0...1000).contains(examples) else { throw ValidationError("--examples is a number up to 1000") }
  }

  func run() async throws {
    let start = try since.map { try PastInstant.of($0) }
    let end = try until.map(Self.instant) ?? SystemClock().now()
    if let shadow { return try await compare(shadow, since: start) }
    let (rules, catalog) = try await RuleFolders(paths).load(plugins)
    let job = try open(catalog)
    let old = try Self.found { try job.rules(of: against) }
    let line = ProgressLine()
    let report = try await job.run(rules, against: old, since: start, until: end, examples: examples) {
      line.show("\($0.position) of \($0.last) …")
    }
    line.clear()
    try show(
      report,
      ["before": .string(old.revision), "after": .string(rules.revision)],
      BacktestText(report, before: "revision \(old.revision)", after: "revision \(rules.revision)")
    )
  }

  private func compare(_ shadow: String, since start: Timestamp?) async throws {
    let job = try open(await plugins.load())
    let (report, live) = try Self.found {
      try job.compareShadow(shadow, since: start, now: SystemClock().now(), examples: examples)
    }
    try show(
      report,
      ["live": .string(live), "shadow": .string(shadow)],
      BacktestText(report, before: "rule \(live), live", after: "rule \(shadow), without effects")
    )
  }

  private func open(_ catalog: PluginCatalog) throws -> BacktestJob {
    try location.reading {
      try BacktestJob(path: $0, plugins: catalog, environment: ProcessInfo.processInfo.environment)
    }
  }

  /// Ends the program with status 66 when there is nothing to compare.
  private static func found<Value>(_ body: () throws -> Value) throws -> Value {
    do { return try body() } catch let refusal as BacktestJob.Refusal {
      throw commandFailure("\(refusal)", status: 66)
    }
  }

  private func show(_ report: BacktestReport, _ compared: JSONValue, _ text: BacktestText) throws {
    if json {
      guard case .object(let members) = report.json else { preconditionFailure("a report is an object") }
      print(JSONValue.object([.init("compared", compared)] + members).json)
    } else {
      print(text.text)
    }
    if !report.isSame { throw ExitCode(1) }
  }

  private static func instant(_ text: String) throws -> Timestamp {
    guard let instant = Timestamp(rfc3339: text) else {
      throw ValidationError("'\(text)' is not an instant such as 2026-01-31T07:00:00Z")
    }
    return instant
  }
}
