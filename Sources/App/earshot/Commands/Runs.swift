// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import EarshotHost
import EventModel

/// `earshot runs`: what rules have done and are doing.
struct Runs: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the runs of rules, or show one.",
    discussion: "A run is one rule's reaction to an event, or to several. The newest come first."
  )

  @Argument(help: "The number of one run.") var run: Int64?
  @Option(help: "Only these: queued, behind, pending, running, waiting, done, dead … with commas.")
  var status: String?
  @Option(help: "Only runs of this rule.") var rule: String?
  @Option(help: "How many runs at most.") var limit = LogQueries.standardLimit
  @OptionGroup var location: StateOption
  @Flag(help: "Print each run as JSON on a line.") var json = false

  func run() async throws {
    if let run {
      let answer = try await location.asking { try await $0.query(["runs", String(run)]) }
      return print(json ? answer.json : Self.details(answer))
    }
    let query = [("state", status), ("rule", rule), ("limit", String(limit))].compactMap { name, value in
      value.map { (name, $0) }
    }
    try await Self.list(query, location, json: json)
  }

  static func list(_ query: [(String, String)], _ location: StateOption, json: Bool) async throws {
    let answer = try await location.asking { try await $0.query(["runs"], query) }
    guard case .array(let runs) = answer else { return }
    if json {
      for run in runs { print(run.json) }
    } else {
      print(runs.isEmpty ? "no runs" : table(runs))
    }
  }

  static func table(_ runs: [JSONValue]) -> String {
    let names = ["run", "position", "rule", "state", "step", "attempts", "updated", "failure"]
    return Table.text(
      header: names.map { $0.uppercased() },
      rows: runs.map { run in
        names.map { name in
          TerminalText.escaped(run[name].map { $0.string ?? $0.json } ?? "")
        }
      }
    )
  }

  private static func details(_ run: JSONValue) -> String {
    guard case .object(let members) = run else { return run.json }
    return members.map { member in
      "\(Table.padded(member.key, to: 9)) \(TerminalText.escaped(member.value.string ?? member.value.json))"
    }.joined(separator: "\n")
  }
}
