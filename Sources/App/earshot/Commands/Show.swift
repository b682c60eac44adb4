// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import EarshotHost
import EventModel

/// `earshot show`: one event, what had led to it and what came of it.
struct Show: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show one event, what had led to it, and what came of it.",
    discussion: """
      Below the event stands the tree of causes: from the first event that is known down to this one, which is marked, \
      and further to the runs that it made, their steps, and what these emitted. Times are those from the event that was \
      reacted to, or for steps from their beginning.

      Examples:
        earshot show 12
        earshot show 019dd5b2-7c1c-7d60-8d9f-0d5b3f6f4a11 --json
      """
  )

  @Argument(help: "The event's position, or its id.") var event: String
  @OptionGroup var location: StateOption
  @Flag(help: "Print the answer as JSON.") var json = false

  func run() async throws {
    let answer = try await location.asking { client in
      try await client.query(["events", event], [("tree", "true")])
    }
    if json { return print(answer.json) }
    guard case .object(let members)? = answer["event"] else { return }
    let width = members.map(\.key.count).max() ?? 0
    for member in members {
      let value = member.value.string ?? member.value.json
      print("\(Table.padded(TerminalText.escaped(member.key), to: width))  \(TerminalText.escaped(value))")
    }
    print("")
    print(CausationText(answer).text)
  }
}
