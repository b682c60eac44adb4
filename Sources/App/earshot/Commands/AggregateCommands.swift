// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import EarshotHost
import EventModel

/// `earshot aggregate`: what the events of things have made of them, now and at any time before.
struct AggregateCommands: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "aggregate",
    abstract: "Look at aggregates: their things, the states of these, and how they came about.",
    discussion: "Commands are sent with `earshot command`.",
    subcommands: [List.self, Show.self, History.self],
    defaultSubcommand: List.self
  )

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the aggregates, or the things of one with their states."
    )

    @Argument(help: "The aggregate, such as account.") var name: String?
    @Option(help: "Only things whose key comes after this one.") var after: String?
    @Option(help: "How many things at most.") var limit = LogQueries.standardLimit
    @OptionGroup var location: AggregateLocation
    @Flag(help: "Print each one as JSON on a line.") var json = false

    func run() async throws {
      let query = [("limit", String(limit))] + (after.map { [("after", $0)] } ?? [])
      let answer = try await location.query(["aggregates"] + (name.map { [$0] } ?? []), query)
      guard case .array(let items) = answer else { return }
      if json {
        for item in items { print(item.json) }
      } else if name == nil {
        print(items.isEmpty ? "the rules define no aggregates" : Self.kinds(items))
      } else {
        print(items.isEmpty ? "nothing" : Self.things(items))
      }
    }

    private static func kinds(_ items: [JSONValue]) -> String {
      Table.text(
        header: ["AGGREGATE", "COMMANDS", "DESCRIPTION"],
        rows: items.map { item in
          var commands: [String] = []
          if case .object(let members)? = item["commands"] { commands = members.map(\.key) }
          return [item["aggregate"]?.string, commands.joined(separator: " "), item["description"]?.string]
            .map { TerminalText.escaped($0 ?? "") }
        }
      )
    }

    private static func things(_ items: [JSONValue]) -> String {
      Table.text(
        header: ["KEY", "VERSION", "STATE"],
        rows: items.map { item in
          [item["key"]?.string, item["version"]?.json, item["state"]?.json]
            .map { TerminalText.escaped($0 ?? "") }
        }
      )
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the state of a thing, now or as it was.",
      discussion: """
          earshot aggregate show account/42
          earshot aggregate show account/42 --version 3
          earshot aggregate show account/42 --at 2026-01-31T07:00:00Z
        """
    )

    @Argument(help: "The thing, such as account/42.") var thing: String
    @OptionGroup var moment: Moment
    @OptionGroup var location: AggregateLocation
    @Flag(help: "Print it as JSON.") var json = false

    func run() async throws {
      let answer = try await location.query(AggregateCommands.path(of: thing), moment.query)
      if json { return print(answer.json) }
      let position = answer["position"].map { ", position \($0.json)" } ?? ""
      print("\(TerminalText.escaped(thing)) at version \(answer["version"]?.json ?? "?")\(position)")
      guard case .object(let members)? = answer["state"] else {
        return print(TerminalText.escaped(answer["state"]?.json ?? ""))
      }
      for member in members {
        print("  \(TerminalText.escaped(member.key)): \(TerminalText.escaped(member.value.json))")
      }
    }
  }

  struct History: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the events of a thing, each with the state after it."
    )

    @Argument(help: "The thing, such as account/42.") var thing: String
    @OptionGroup var moment: Moment
    @Option(help: "How many events at most, the last ones.") var limit = LogQueries.standardLimit
    @OptionGroup var location: AggregateLocation
    @Flag(help: "Print each event as JSON on a line.") var json = false

    func run() async throws {
      let query = moment.query + [("history", "true"), ("limit", String(limit))]
      let answer = try await location.query(AggregateCommands.path(of: thing), query)
      guard case .array(let entries)? = answer["history"] else { return }
      if json {
        for entry in entries { print(entry.json) }
      } else {
        print(Self.table(entries))
      }
    }

    private static func table(_ entries: [JSONValue]) -> String {
      Table.text(
        header: ["VERSION", "POSITION", "TIME", "EVENT", "DATA", "STATE"],
        rows: entries.map { entry in
          let event = entry["event"]
          let cells = [
            entry["version"]?.json, event?["sequence"]?.string, event?["recordedtime"]?.string,
            event?["type"]?.string, event?["data"]?.json, entry["state"]?.json,
          ]
          return cells.map { TerminalText.escaped($0 ?? "") }
        }
      )
    }
  }

  /// Which of a thing's states is meant.
  struct Moment: ParsableArguments {
    @Option(help: "The state after so many events.") var version: Int64?
    @Option(help: "The state at a position of the log, or at an instant such as 2026-01-31T07:00:00Z.")
    var at: String?

    var query: [(String, String)] {
      [("version", version.map { String($0) }), ("at", at)].compactMap { name, value in
        value.map { (name, $0) }
      }
    }
  }

  static func path(of thing: String) throws -> [String] {
    guard let name = AggregateName(thing) else {
      throw commandFailure("'\(thing)' names no thing: write it like account/42", status: 64)
    }
    return ["aggregates", name.aggregate, name.key]
  }
}

/// Where aggregates are asked: a running host, or else the log itself, by the rules that it holds.
struct AggregateLocation: ParsableArguments {
  @OptionGroup var state: StateOption
  @OptionGroup var plugins: PluginOption

  func query(_ path: [String], _ query: [(String, String)]) async throws -> JSONValue {
    if HostClient(paths: state.paths).isHostRunning {
      return try await state.asking { try await $0.query(path, query) }
    }
    let catalog = await plugins.load()
    return try await state.reading { log async throws in
      do {
        return try await StoredAggregates(log: log, plugins: catalog).answer(path, Dictionary(query) { $1 })
      } catch let failure as HostFailure {
        throw commandFailure(failure.description, status: failure.status)
      }
    }
  }
}
