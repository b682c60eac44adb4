// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import EarshotHost
import EventModel

/// `earshot runs`: what rules have done and are doing.
struct Runs: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the runs of rules, look at one step by step, and lead it.",
    discussion: "A run is one rule's reaction to an event, or to several.",
    subcommands: [
      List.self, Show.self, Watch.self, DryRun.self, Cancel.self, Retry.self, ResumeFrom.self, Approve.self,
      Reject.self,
    ],
    defaultSubcommand: List.self
  )

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List runs, the newest first.")

    @Option(help: "Only these: queued, behind, pending, running, waiting, done, dead … with commas.")
    var status: String?
    @Option(help: "Only runs of this rule.") var rule: String?
    @Flag(help: "Also the branches of runs.") var branches = false
    @Option(help: "How many runs at most.") var limit = LogQueries.standardLimit
    @OptionGroup var location: StateOption
    @Flag(help: "Print each run as JSON on a line.") var json = false

    func run() async throws {
      let asked = [
        ("state", status), ("rule", rule), ("limit", String(limit)), ("branches", branches ? "true" : nil),
      ]
      let query = asked.compactMap { name, value in value.map { (name, $0) } }
      try await Runs.list(query, location, json: json)
    }
  }

  struct Cancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "End open runs; what they have done is taken back, as their rules say."
    )

    @OptionGroup var chosen: ChosenRuns
    func run() async throws { try await chosen.change("cancel") }
  }

  struct Retry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Try the step again at which runs are dead, stuck or uncertain, or wait."
    )

    @OptionGroup var chosen: ChosenRuns
    func run() async throws { try await chosen.change("retry") }
  }

  struct ResumeFrom: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "resume-from",
      abstract: "Have a run that ended without success go on from a step.",
      discussion: "What came of the steps before it stays; it and the later ones are made anew."
    )

    @Argument(help: "The id of the step.") var step: String
    @Argument(help: "The run's number.") var run: Int64
    @OptionGroup var location: StateOption

    func run() async throws {
      let answer = try await location.asking {
        try await $0.post(["runs", String(self.run), "resume"], [("step", step)])
      }
      print("run \(self.run) is \(answer["state"]?.string ?? "changed")")
    }
  }

  struct Approve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Say yes to what a run asks.")

    @OptionGroup var answer: Answer
    func run() async throws { try await answer.give("approve") }
  }

  struct Reject: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say no to what a run asks.",
      discussion:
        "It goes on with what its rule says for that case, or fails and takes back what it has done."
    )

    @OptionGroup var answer: Answer
    func run() async throws { try await answer.give("reject") }
  }

  /// An answer to a run.
  struct Answer: ParsableArguments {
    @Argument(help: "The run's number.") var run: Int64
    @Option(help: "What else there is to say; the run finds it in the step's output.") var comment: String?
    @OptionGroup var location: StateOption

    func give(_ verb: String) async throws {
      let query = comment.map { [("comment", $0)] } ?? []
      let answer = try await location.asking { try await $0.post(["runs", String(self.run), verb], query) }
      print("run \(run) is \(answer["state"]?.string ?? "changed")")
    }
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

  /// What sets a run apart from others.
  private static func mark(_ run: JSONValue) -> String {
    run["shadow"] == true ? ", shadow" : run["replay"]?.string.map { ", replay \($0)" } ?? ""
  }

  static func table(_ runs: [JSONValue]) -> String {
    let hasBranches = runs.contains { $0["parent"] != nil }
    let names =
      ["run"] + (hasBranches ? ["parent"] : [])
      + ["position", "rule", "state", "step", "attempts", "updated", "failure"]
    return Table.text(
      header: names.map { $0.uppercased() },
      rows: runs.map { run in
        names.map { name in
          let value = name == "step" ? run["step_id"] ?? run[name] : run[name]
          let text = value.map { $0.string ?? $0.json } ?? ""
          return TerminalText.escaped(name == "state" ? text + mark(run) : text)
        }
      }
    )
  }
}
