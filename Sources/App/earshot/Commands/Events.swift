// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import EarshotHost
import EventModel

/// `earshot events`: lists recorded events.
struct Events: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List recorded events.",
    discussion: "The newest ones, or those from a position on; in the order in which they were recorded."
  )

  @OptionGroup var events: EventOptions
  @Option(help: "How many events at most.") var limit = LogQueries.standardLimit
  @OptionGroup var location: StateOption
  @Flag(help: "Print each event as JSON on a line.") var json = false

  func run() async throws {
    let query = events.query + [("limit", String(limit))]
    let answer = try await location.asking { try await $0.query(["events"], query) }
    guard case .array(let found) = answer else { return }
    for event in found { print(json ? event.json : EventLine(event).text) }
  }
}

/// `earshot show`: one event and what came of it.
struct Show: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show one event and the runs that came of it."
  )

  @Argument(help: "The event's position.") var position: Int64
  @OptionGroup var location: StateOption
  @Flag(help: "Print the answer as JSON.") var json = false

  func run() async throws {
    let answer = try await location.asking { try await $0.query(["events", String(position)]) }
    if json { return print(answer.json) }
    guard case .object(let members)? = answer["event"], case .array(let runs)? = answer["runs"] else {
      return
    }
    let width = members.map(\.key.count).max() ?? 0
    for member in members {
      let value = member.value.string ?? member.value.json
      print("\(Table.padded(TerminalText.escaped(member.key), to: width))  \(TerminalText.escaped(value))")
    }
    print("")
    print(runs.isEmpty ? "no rule reacted to it" : Runs.table(runs))
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
