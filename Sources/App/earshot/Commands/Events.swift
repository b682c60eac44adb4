// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import EarshotHost
import EventModel

/// `earshot events`: finds recorded events.
struct Events: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Find recorded events, and count them.",
    discussion: """
      The newest ones, or with --from or --since the first ones from there on; always in the order in which they were \
      recorded. A condition is an expression on the event, as in rules; events for which it has no value are no match, \
      and how many there are is said on standard error.

      Examples:
        earshot events --type 'order.*' --since 24h
        earshot events --where 'event.data.total > 1000.0' --all --json > large.ndjson
        earshot events --since 7d --by day
      """
  )

  enum Part: String, ExpressibleByArgument, CaseIterable {
    case type, source, hour, day
  }

  @OptionGroup var events: EventOptions
  @Option(help: "The last position.") var to: Int64?
  @Option(help: "Only events recorded from then on: 24h, 7d, or an instant such as 2026-01-31T07:00:00Z.")
  var since: String?
  @Option(help: "Only events recorded before that: how long ago, or an instant.") var until: String?
  @Option(help: "How many events at most.") var limit = LogQueries.standardLimit
  @Flag(help: "All events, however many, from the first one on.") var all = false
  @Flag(help: "Print how many there are.") var count = false
  @Option(help: "Print how many there are of each type or source, or in each hour or day (UTC).") var by:
    Part?
  @OptionGroup var location: StateOption
  @Flag(help: "Print each event as JSON on a line.") var json = false

  private var query: [(String, String)] {
    let asked = [("to", to.map { String($0) }), ("since", since), ("until", until)]
    return events.query + asked.compactMap { name, value in value.map { (name, $0) } }
  }

  func validate() throws {
    guard [all, count, by != nil].count(where: { $0 }) <= 1 else {
      throw ValidationError("give one of --all, --count and --by")
    }
    guard limit >= 0 else { throw ValidationError("--limit is a number from 0 on") }
  }

  func run() async throws {
    let unknown = try await location.asking { client in
      if count || by != nil { return try await tally(EventPages(client, query)) }
      return try await list(EventPages(client, query))
    }
    guard unknown > 0 else { return }
    HostOutput.write("the condition has no value for \(unknown) event\(unknown == 1 ? "" : "s")")
  }

  /// Prints events; gives for how many the condition has no value.
  private func list(_ pages: EventPages) async throws -> Int {
    let isAscending = all || events.from != nil || since != nil
    guard !isAscending else {
      return try await pages.ascending(limit: all ? nil : limit) { event in show(event) }
    }
    let (found, unknown) = try await pages.newest(limit: limit)
    for event in found { show(event) }
    return unknown
  }

  private func show(_ event: JSONValue) { print(json ? event.json : EventLine(event).text) }

  private func tally(_ pages: EventPages) async throws -> Int {
    let (counts, unknown) = try await pages.counts(by: by?.rawValue)
    guard let by else {
      let count = counts.values.reduce(0, +)
      print(json ? JSONValue.object([.init("count", .number("\(count)"))]).json : "\(count)")
      return unknown
    }
    // Types and sources the most frequent first, times in their order.
    let rows = counts.sorted { left, right in
      switch by {
      case .type, .source: (right.value, left.key) < (left.value, right.key)
      case .hour, .day: left.key < right.key
      }
    }
    if json {
      for row in rows {
        let members = [
          JSONValue.Member(by.rawValue, .string(row.key)), .init("count", .number("\(row.value)")),
        ]
        print(JSONValue.object(members).json)
      }
    } else {
      let cells = rows.map { [TerminalText.escaped($0.key), "\($0.value)"] }
      print(Table.text(header: [by.rawValue.uppercased(), "EVENTS"], rows: cells))
    }
    return unknown
  }
}

/// An event on one line: position, time, type, and what is most telling of the rest.
struct EventLine {
  let text: String

  init(_ event: JSONValue) {
    let field = { (name: String) in TerminalText.escaped(event[name]?.string ?? "") }
    let data = event["data"].map { TerminalText.escaped($0.json) } ?? ""
    let subject = field("subject")
    let parts = [
      Table.padded(field("sequence"), to: 7), field("recordedtime"), Table.padded(field("type"), to: 18),
      field("source"), subject, data.count > 100 ? data.prefix(99) + "…" : data,
    ]
    text = parts.filter { !$0.isEmpty }.joined(separator: "  ")
  }
}
