// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import EarshotHost
import EventModel

/// `earshot pending`: what waits for its time or its turn.
struct Pending: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List what waits for its time or turn; fire, extend or cancel it.",
    discussion: """
      Open debounces, collections, sequences and other joins, absences, delayed reactions, runs that wait for their \
      next attempt, and runs that wait for others. That which is due first comes first.
      """,
    subcommands: [List.self, Fire.self, Extend.self, Cancel.self],
    defaultSubcommand: List.self
  )

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List what waits.")

    @Option(help: "Only what waits for this rule.") var rule: String?
    @Option(help: "How many at most.") var limit = LogQueries.standardLimit
    @Flag(help: "Also what a throttle or dedupe remembers of events that have passed.") var all = false
    @OptionGroup var location: StateOption
    @Flag(help: "Print each as JSON on a line.") var json = false

    func run() async throws {
      var query = [("limit", String(limit)), ("all", String(all))]
      if let rule { query.append(("rule", rule)) }
      let answer = try await location.asking { try await $0.query(["pending"], query) }
      guard case .array(let items) = answer else { return }
      if json {
        for item in items { print(item.json) }
      } else {
        print(items.isEmpty ? "nothing waits" : Self.table(items))
      }
    }

    private static func table(_ items: [JSONValue]) -> String {
      Table.text(
        header: ["ID", "KIND", "RULE", "KEY", "DUE", "EVENTS", "NOTE"],
        rows: items.map { item in
          [
            item["id"]?.string, item["kind"]?.string, item["rule"]?.string, item["key"]?.json,
            item["due"]?.string, events(item["events"]), item["note"]?.string,
          ].map { TerminalText.escaped($0 ?? "") }
        }
      )
    }

    /// A few positions in full, of many the first and the last.
    private static func events(_ value: JSONValue?) -> String {
      guard case .array(let positions)? = value else { return "" }
      let texts = positions.map(\.json)
      guard texts.count > 3, let first = texts.first, let last = texts.last else {
        return texts.joined(separator: ", ")
      }
      return "\(first) … \(last) (\(texts.count))"
    }
  }

  struct Fire: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Let it go on now.")

    @OptionGroup var chosen: Chosen
    func run() async throws { try await chosen.change("fire", said: "goes on now") }
  }

  struct Extend: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Let it go on later.")

    @Option(help: "How much later, such as 5m.") var by: String
    @OptionGroup var chosen: Chosen

    func run() async throws {
      guard DurationText.duration(of: by) != nil else {
        throw ValidationError("'\(by)' is not a duration; write for example 30s, 5m or 1h30m")
      }
      try await chosen.change("extend", [("by", by)], said: "goes on \(by) later")
    }
  }

  struct Cancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Forget it.")

    @OptionGroup var chosen: Chosen
    func run() async throws { try await chosen.change("cancel", said: "is cancelled") }
  }

  /// What something is to be done with.
  struct Chosen: ParsableArguments {
    @Argument(help: "The ids, as earshot pending shows them: w5, r7.") var ids: [String]
    @OptionGroup var location: StateOption

    func change(_ verb: String, _ query: [(String, String)] = [], said: String) async throws {
      for id in ids {
        let item = try await location.asking { try await $0.post(["pending", id, verb], query) }
        let kind = TerminalText.escaped(item["kind"]?.string ?? "")
        print(
          "\(TerminalText.escaped(id)) (\(kind) of \(TerminalText.escaped(item["rule"]?.string ?? ""))) \(said)"
        )
      }
    }
  }
}
