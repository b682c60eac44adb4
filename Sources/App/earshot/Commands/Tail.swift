// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import EarshotHost
import EventModel

/// Which events are asked for, the same for `tail` and `events`.
struct EventOptions: ParsableArguments {
  @Option(help: "Only events of this type; `order.*` means all that begin so.") var type: String?
  @Option(help: "Only events of this source.") var source: String?
  @Option(help: "Only events with this subject; `*` at the end means all that begin so.") var subject: String?
  @Option(help: "Only the event with this id and what it has led to, as its correlation says.")
  var correlation: String?
  @Option(name: .customLong("where"), help: "Only events for which this expression is true.")
  var condition: String?
  @Option(help: "The first position.") var from: Int64?

  var query: [(String, String)] {
    let asked = [
      ("type", type), ("source", source), ("subject", subject), ("correlation", correlation),
      ("where", condition), ("from", from.map { String($0) }),
    ]
    return asked.compactMap { name, value in value.map { (name, $0) } }
  }
}

/// `earshot tail`: shows events as they happen.
struct Tail: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show events as they are recorded.",
    discussion: """
      With --from, begins at that position; otherwise with what is new. Events for which a condition has no value are \
      left out.
      """
  )

  @OptionGroup var events: EventOptions
  @OptionGroup var location: StateOption
  @Flag(help: "Print each event as JSON on a line.") var json = false

  func run() async throws {
    try await location.asking { client in
      try await client.follow(events.query) { event in
        HostOutput.say(
          json ? String(decoding: event, as: UTF8.self) : EventLine(try JSONValue(json: event)).text
        )
      }
    }
  }
}
