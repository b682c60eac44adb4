// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import EarshotHost
import EventModel

/// `earshot dead`: looks after dead letters.
struct Dead: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Look after runs that were given up or are stuck, or whose last step may or may not have been done.",
    subcommands: [List.self, Show.self, Retry.self, Confirm.self, Drop.self],
    defaultSubcommand: List.self
  )

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List dead, stuck and uncertain runs, the newest first."
    )

    @Option(help: "How many runs at most.") var limit = LogQueries.standardLimit
    @OptionGroup var location: StateOption
    @Flag(help: "Print each run as JSON on a line.") var json = false

    func run() async throws {
      try await Runs.list(
        [("state", "dead,uncertain,stuck"), ("limit", String(limit))],
        location,
        json: json
      )
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show a dead run with its event.")

    @Argument(help: "The run's number.") var run: Int64
    @OptionGroup var location: StateOption

    func run() async throws {
      let run = try await location.asking { try await $0.query(["runs", String(self.run)]) }
      let position = run["position"]?.json ?? "0"
      let event = try await location.asking { try await $0.query(["events", position]) }
      print(JSONValue.object([.init("run", run), .init("event", event["event"] ?? .null)]).json)
    }
  }

  struct Retry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Try dead runs again, from the step that failed, with the same idempotency key."
    )

    @OptionGroup var chosen: ChosenRuns
    func run() async throws { try await chosen.change("retry") }
  }

  struct Confirm: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say of uncertain runs that the step was done; they go on with the next one."
    )

    @OptionGroup var chosen: ChosenRuns
    func run() async throws { try await chosen.change("confirm") }
  }

  struct Drop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Give dead, stuck or uncertain runs up for good."
    )

    @OptionGroup var chosen: ChosenRuns
    func run() async throws { try await chosen.change("drop") }
  }
}
