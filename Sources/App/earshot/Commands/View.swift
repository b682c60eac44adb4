// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import EarshotHost
import EventModel

/// `earshot view`: the tables that are folded from events.
struct View: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Look at views: tables that are folded from events.",
    discussion: """
      Views are defined under `views` in rule files. Ask them with `earshot query`. Without a running host the commands \
      show the tables as they are, and how far they are behind the log.
      """,
    subcommands: [List.self, Show.self, Rebuild.self, Follow.self],
    defaultSubcommand: List.self
  )

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the views, how far they are, and what could not be folded.",
      discussion:
        "LAG is how many events of the log the view has not seen yet, and how much later the newest of them is."
    )

    @OptionGroup var location: StateOption
    @Flag(help: "Print each as JSON on a line.") var json = false

    func run() async throws {
      let answer = try await location.asking { try await $0.views() }
      guard case .array(let views) = answer else { return }
      if json {
        for view in views { print(view.json) }
      } else {
        print(views.isEmpty ? "there are no views" : Self.table(views))
        for line in views.flatMap(Self.notes) { print(line) }
      }
    }

    private static func table(_ views: [JSONValue]) -> String {
      Table.text(
        header: ["VIEW", "STATE", "ROWS", "POSITION", "LAG", "ERRORS"],
        rows: views.map { view in
          [
            view["view"]?.string, state(view), view["rows"]?.json, view["position"]?.json, lag(view["lag"]),
            view["errors"]?.json,
          ].map { TerminalText.escaped($0 ?? "") }
        }
      )
    }

    private static func state(_ view: JSONValue) -> String? {
      guard let rebuild = view["rebuild"], let position = rebuild["position"]?.int,
        let target = rebuild["target"]?.int, target > 0
      else { return view["state"]?.string }
      return "\(view["state"]?.string ?? "") \(min(100, 100 * position / target)) %"
    }

    private static func lag(_ lag: JSONValue?) -> String? {
      guard let events = lag?["events"]?.int, events > 0 else { return "0" }
      return "\(events) (\(lag?["seconds"]?.json ?? "0") s)"
    }

    /// What is to be known of a view beside its row.
    private static func notes(_ view: JSONValue) -> [String] {
      let name = TerminalText.escaped(view["view"]?.string ?? "")
      var notes: [String] = []
      if let error = view["last_error"], let message = error["message"]?.string {
        notes.append("\(name): event \(error["position"]?.json ?? ""): \(TerminalText.escaped(message))")
      }
      if let complete = view["complete"] {
        notes.append(
          "\(name): \(view["forgotten"]?.json ?? "") events are missing; the log went back only to position "
            + "\(complete["from"]?.json ?? "") of \(TerminalText.escaped(complete["since"]?.string ?? ""))"
        )
      }
      return notes
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show rows of a view, or one of them.",
      discussion: "Rows come by their keys. For anything else ask: earshot query 'SELECT …'."
    )

    @Argument(help: "The view.") var name: String
    @Argument(help: "The key of one row.") var key: String?
    @Option(help: "As it was after the event at this position, or at this time: 2026-01-31T10:00:00Z.")
    var at: String?
    @Option(help: "Only rows behind this key.") var after: String?
    @Option(help: "How many rows at most.") var limit = LogQueries.standardLimit
    @OptionGroup var location: StateOption
    @Flag(help: "Print each row as JSON on a line.") var json = false

    func run() async throws {
      var query = [("limit", String(limit))]
      if let key { query.append(("key", key)) }
      if let after { query.append(("after", after)) }
      let answer = try await location.asking { [query] client in
        guard let at else { return try await client.view(name, query) }
        return try await client.pastView(name, at: at, query) { Progress.show($0, of: $1, "events") }
      }
      Progress.clear()
      if let row = answer["row"] {
        print(json ? row.json : RowText.lines(row))
      } else if case .array(let rows)? = answer["rows"] {
        if json {
          for row in rows { print(row.json) }
        } else {
          print(rows.isEmpty ? "the view has no rows" : RowText.table(rows))
        }
        if let forgotten = answer["forgotten"]?.int, forgotten > 0 {
          HostOutput.write("earshot: \(forgotten) events are missing, which the log has forgotten")
        }
        if answer["more"] == true { HostOutput.write("there are more rows: --after, --limit") }
      }
    }
  }
}

/// Rows of views as people read them.
enum RowText {
  /// Rows, one on a line.
  static func table(_ rows: [JSONValue]) -> String {
    guard case .object(let first)? = rows.first else { return "" }
    let names = first.map(\.key)
    return Table.text(
      header: names.map { TerminalText.escaped($0) },
      rows: rows.map { row in names.map { cell(row[$0] ?? .null) } }
    )
  }

  /// One row, each column on a line.
  static func lines(_ row: JSONValue) -> String {
    guard case .object(let members) = row else { return "" }
    let width = members.map(\.key.count).max() ?? 0
    return members.map { member in
      let name = Table.padded(TerminalText.escaped(member.key), to: width)
      return String("\(name)  \(cell(member.value))".reversed().drop { $0 == " " }.reversed())
    }.joined(separator: "\n")
  }

  /// A value without the quotes that JSON gives it; nothing for null.
  static func cell(_ value: JSONValue) -> String {
    value == .null ? "" : TerminalText.escaped(value.string ?? value.json)
  }
}
