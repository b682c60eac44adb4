// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import EarshotHost
import EventModel
import Foundation

/// `earshot why`: why rules reacted to an event, or did not.
struct Why: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say why rules reacted to an event, or why they did not.",
    discussion: """
      For each rule: that it matched and what became of it; or the first demand that the event did not meet, with the \
      value that it had; or the error in its condition. The nearest misses come first. What decides is evaluated \
      again under the rules that were in force when the event was recorded.
      """
  )

  @Argument(help: "The event's position, as earshot events shows it.") var position: Int64
  @Option(help: "Look at this rule only.") var rule: String?
  @OptionGroup var location: StateOption
  @OptionGroup var plugins: PluginOption
  @Flag(help: "Show all rules, however far the event was from them.") var all = false
  @Flag(help: "Print the answer as JSON.") var json = false

  /// How many misses are shown when nothing is said.
  private static let shownMisses = 10

  func run() async throws {
    let answer = try await WhyCommand.answer(position, rule, location, plugins)
    if json { return print(answer.json.json) }
    let misses = answer.lines.count { $0.verdict != "matched" }
    let hidden = all ? 0 : max(0, misses - Self.shownMisses)
    WhyCommand.show(answer, Array(answer.lines.dropLast(hidden)))
    if hidden > 0 { print("and \(hidden) more that were further off; --all shows them") }
  }
}

/// `earshot why-not`: the same for one rule.
struct WhyNot: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why-not",
    abstract: "Say why a rule did not react to an event."
  )

  @Argument(help: "The rule.") var rule: String
  @Argument(help: "The event's position, as earshot events shows it.") var position: Int64
  @OptionGroup var location: StateOption
  @OptionGroup var plugins: PluginOption
  @Flag(help: "Print the answer as JSON.") var json = false

  func run() async throws {
    let answer = try await WhyCommand.answer(position, rule, location, plugins)
    if json { print(answer.json.json) } else { WhyCommand.show(answer, answer.lines) }
  }
}

/// What both verbs do.
private enum WhyCommand {
  static func answer(
    _ position: Int64,
    _ rule: String?,
    _ location: StateOption,
    _ plugins: PluginOption
  ) async throws -> WhyAnswer {
    let catalog = await plugins.load()
    let path = location.paths.log
    guard FileManager.default.fileExists(atPath: path) else {
      throw commandFailure("there is no log at \(path)", status: 66)
    }
    do {
      let question = try WhyQuestion(
        log: path,
        plugins: catalog,
        environment: ProcessInfo.processInfo.environment
      )
      return try question.answer(position: position, rule: rule)
    } catch let failure as HostFailure {
      throw commandFailure(failure.description, status: failure.status)
    }
  }

  static func show(_ answer: WhyAnswer, _ lines: [WhyAnswer.Line]) {
    print(EventLine(answer.event).text)
    print("rules of revision \(answer.revision)\n")
    if answer.isImported { print("the event came from another log and was not shown to the rules\n") }
    let rows = lines.map { line in
      [line.verdict == "matched" ? "MATCHED" : line.verdict, line.rule, line.reason].map(TerminalText.escaped)
    }
    print(rows.isEmpty ? "there were no rules" : Table.text(header: ["", "rule", "why"], rows: rows))
  }
}
