// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import EarshotHost
import EventModel
import Foundation
import Rules

extension Runs {
  struct DryRun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "dry-run",
      abstract:
        "Walk through a rule without any effect: what is done, and what is taken back when something fails.",
      discussion: """
        Without --fail, all ways: that on which all goes well, one for each step that fails, and one for each \
        compensation that fails, too. The engine itself goes through the rule, with actions that do nothing. The event, and \
        what steps yield, are those of the rule's first test unless they are given.
        """
    )

    @Argument(help: "The rule.") var rule: String
    @Argument(help: "Rule files and folders.") var paths: [String] = []
    @Option(help: ArgumentHelp("The event to which it reacts.", valueName: "json")) var event: String?
    @Option(help: ArgumentHelp("What a step yields.", valueName: "step=json")) var output: [String] = []
    @Option(help: ArgumentHelp("A step that fails, with the reason.", valueName: "step[=reason]")) var fail:
      [String] =
        []
    @OptionGroup var plugins: PluginOption
    @Flag(help: "Print the ways as JSON.") var json = false

    func run() async throws {
      let rules = try await RuleFolders(paths).load(plugins).rules
      guard let found = rules.rules.first(where: { $0.id == rule }) else {
        let help = Suggestion.help(for: rule, among: rules.rules.map(\.id)).map { "; \($0)" } ?? ""
        throw commandFailure("there is no rule '\(rule)'\(help)", status: 66)
      }
      let trial = EarshotHost.DryRun(
        of: found,
        in: rules,
        event: try event.map { try Self.value($0, "event") },
        outputs: try Self.pairs(output).mapValues { try Self.value($0 ?? "", "output") },
        environment: ProcessInfo.processInfo.environment
      )
      guard trial.hasEvent else { throw ValidationError("give the event to which the rule reacts: --event") }
      let failing = try Self.pairs(fail).mapValues { $0 ?? "a trial" }
      let walks = failing.isEmpty ? try await trial.walks() : [try await trial.walk(failing: failing)]
      guard walks.contains(where: { $0.end != nil }) else {
        throw commandFailure("the rule '\(rule)' does not react to that event", status: 1)
      }
      print(json ? JSONValue.array(walks.map(Self.json)).json : Self.table(walks))
    }

    private static func pairs(_ words: [String]) throws -> [String: String?] {
      try Dictionary(
        words.map { word in
          let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init
          )
          guard let step = parts.first, !step.isEmpty else {
            throw ValidationError("'\(word)' names no step")
          }
          return (step, parts.count == 2 ? parts[1] : nil)
        }
      ) { _, last in last }
    }

    private static func value(_ text: String, _ option: String) throws -> JSONValue {
      guard let value = try? JSONValue(json: Array(text.utf8)) else {
        throw ValidationError("--\(option) takes JSON, and '\(text)' is none")
      }
      return value
    }

    private static func table(_ walks: [EarshotHost.DryRun.Walk]) -> String {
      let rows = walks.map { walk in
        let steps = walk.steps.map { walk.failing.contains($0) ? "\($0) ✗" : $0 }
        return [
          walk.failing.isEmpty ? "nothing" : walk.failing.joined(separator: ", "),
          steps.joined(separator: ", "),
          walk.end?.name ?? "",
        ].map(TerminalText.escaped)
      }
      let problems = Set(walks.flatMap(\.problems)).sorted().map {
        "could not be made: " + TerminalText.escaped($0)
      }
      return ([Table.text(header: ["FAILS", "DONE", "END"], rows: rows)] + problems).joined(separator: "\n")
    }

    private static func json(_ walk: EarshotHost.DryRun.Walk) -> JSONValue {
      [
        "fails": .array(walk.failing.map { .string($0) }), "steps": .array(walk.steps.map { .string($0) }),
        "problems": .array(walk.problems.map { .string($0) }),
        "end": walk.end.map { .string($0.name) } ?? .null,
      ]
    }
  }
}
