// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import EarshotHost
import EventModel

/// Which events are asked for, the same for `tail` and `events`.
struct EventOptions: ParsableArguments {
  @Option(help: "Only events of this type; `order.*` means all that begin so.") var type: String?
  @Option(help: "Only events of this source.") var source: String?
  @Option(help: "The first position.") var from: Int64?

  var query: [(String, String)] {
    [("type", type), ("source", source), ("from", from.map { String($0) })].compactMap { name, value in
      value.map { (name, $0) }
    }
  }
}

/// `earshot tail`: shows events as they happen.
struct Tail: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show events as they are recorded.",
    discussion: "With --from, begins at that position; otherwise with what is new."
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
