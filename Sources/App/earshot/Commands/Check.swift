// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import EarshotHost
import EventModel
import Foundation
import Rules

/// `earshot check`: says what is wrong with rules.
struct Check: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check rules without running them.",
    discussion: """
      Reads every *.yaml below the paths (by default Rules/ here, else the user's configuration) and reports \
      everything that is wrong, each mistake with its place. Exit status 65 when there is an error.
      """
  )

  @Argument(help: "Rule files and folders.") var paths: [String] = []
  @OptionGroup var plugins: PluginOption
  @Flag(help: "Print each mistake on one line.") var short = false
  @Flag(help: "Print the result as JSON.") var json = false

  @Flag(help: "Also show how the rules are filed for matching.") var outline = false

  @Flag(help: "Print the JSON Schema of rule files, for editors, and do nothing else.") var schema = false

  func run() async throws {
    if schema { return print(RuleLoader.schema.json) }
    let files = try RuleFolders(paths).read()
    let (rules, bag) = RuleCheck(plugins: await plugins.load()).run(files)
    if json {
      show(rules, bag, files)
    } else {
      let renderer = DiagnosticRenderer(usesColor: isatty(STDERR_FILENO) != 0)
      let shown = bag.sorted.map(short ? renderer.line : renderer.picture)
      if !shown.isEmpty { FileHandle.standardError.write(Data((shown.joined(separator: "\n") + "\n").utf8)) }
      print(summary(rules, bag, files))
      if outline, let rules { print("\n" + TerminalText.lines(RuleCheck.outline(of: rules))) }
    }
    if rules == nil { throw ExitCode(65) }
  }

  private func summary(_ rules: RuleSet?, _ bag: DiagnosticBag, _ files: [RuleFile]) -> String {
    let place = Self.counted(files.count, "file")
    guard let rules else {
      let count = bag.diagnostics.count { $0.severity == .error }
      let more = bag.omitted > 0 ? " and \(bag.omitted) more" : ""
      return "\(Self.counted(count, "error"))\(more) in \(place)"
    }
    let views = rules.views.isEmpty ? "" : ", \(Self.counted(rules.views.count, "view"))"
    return "fine: \(Self.counted(rules.rules.count, "rule"))\(views) and "
      + "\(Self.counted(rules.sources.count, "source")) in \(place) (revision \(rules.revision))"
  }

  private static func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }

  private func show(_ rules: RuleSet?, _ bag: DiagnosticBag, _ files: [RuleFile]) {
    let result: JSONValue = [
      "files": .number("\(files.count)"), "rules": rules.map { .number("\($0.rules.count)") } ?? .null,
      "revision": rules.map { .string($0.revision) } ?? .null,
      "diagnostics": .array(bag.sorted.map(RuleCheck.json)), "omitted": .number("\(bag.omitted)"),
    ]
    print(result.json)
  }
}
